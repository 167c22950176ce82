import { useState } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button, Choice, Field, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { DirectoryAge } from "./DirectoryAge";
import { DirectoryTable } from "./DirectoryTable";
import { LONGEST_SEARCH, useDirectory, useDirectoryState, useSettled } from "./directory";
import look from "./directory.module.css";
import { Pages } from "./Pages";

/** «Annuaire» (DIR-01, DIR-02): found while one types, narrowed by «Entité». */
export function Directory({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  return (
    <ModalOverlay
      isOpen
      isDismissable
      className={styles.dialog ?? ""}
      onOpenChange={(open) => open || onClose()}
    >
      <Modal className={look.window ?? ""}>
        <Dialog className={look.content ?? ""}>
          <Heading slot="title" level={1}>
            {t("directory.title")}
          </Heading>
          <Search />
          <div className={look.foot}>
            <div>
              <p className={look.note}>{t("directory.note")}</p>
              <DirectoryAge />
            </div>
            <Button onPress={onClose}>{t("directory.close")}</Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Search() {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const [entity, setEntity] = useState("");
  const [page, setPage] = useState(1);
  const entities = useDirectoryState().data?.entities ?? [];
  const query = useSettled(typed);
  const found = useDirectory(query, entity, page);
  const refusal = found.error?.code === "invalid" ? found.error.message : undefined;
  const total = found.data?.total ?? 0;
  const pages = Math.max(1, Math.ceil(total / (found.data?.page_size ?? 1)));
  // Another copy of the directory has fewer.
  if (found.isSuccess && !found.isPlaceholderData && page > pages) setPage(pages);
  const first = (change: () => void) => {
    change();
    setPage(1);
  };
  return (
    <>
      <search className={look.search}>
        <Field
          label={t("directory.search")}
          hint={t("directory.hint")}
          error={refusal}
          type="search"
          autoComplete="off"
          autoFocus
          maxLength={LONGEST_SEARCH}
          value={typed}
          onChange={(text) => first(() => setTyped(text))}
        />
        <Choice
          label={t("directory.entity")}
          value={entity}
          onChange={(name) => first(() => setEntity(name))}
          options={[["", t("directory.all")], ...entities.map((name) => [name, name] as const)]}
        />
      </search>
      {found.isError && !refusal && <Notice kind="bad">{found.error.message || t("common.failed")}</Notice>}
      <p role="status" className={look.count}>
        {found.isPending ? t("common.loading") : found.isSuccess && t("directory.found", { count: total })}
      </p>
      {found.data && !found.isError && (
        <DirectoryTable entries={found.data.items} isOld={found.isPlaceholderData || query !== typed}>
          {pages > 1 && <Pages page={page} pages={pages} onPage={setPage} />}
        </DirectoryTable>
      )}
    </>
  );
}
