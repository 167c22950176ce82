import { useState } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button, Check, Field } from "../../ui/controls";
import styles from "../app.module.css";
import { guideDay } from "./List";
import type { People } from "./scheduled";
import look from "./scheduled.module.css";

type Former = People["former"][number];

/** Rows that are shown at once; a search finds the others. */
const SHOWN = 100;

/** «Importer d’anciens participants» (SCHED-05). @param people who is not in the table yet */
export function ImportDialog({
  people,
  onClose,
  onImport,
}: {
  people: readonly Former[];
  onClose(): void;
  onImport(people: Former[]): void;
}) {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<Former>>(new Set());
  const found = people.filter((one) => matches(one, search));
  const toggle = (one: Former, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(one);
    else next.delete(one);
    setChosen(next);
  };
  return (
    <ModalOverlay
      isOpen
      isDismissable
      className={styles.dialog ?? ""}
      onOpenChange={(open) => open || onClose()}
    >
      <Modal className={`${styles.card} ${look.wide}`}>
        <Dialog>
          <Heading slot="title">{t("scheduled.import")}</Heading>
          {people.length === 0 ? (
            <p>{t("scheduled.noFormer")}</p>
          ) : (
            <>
              <Field label={t("scheduled.search")} type="search" value={search} onChange={setSearch} />
              <ul className={look.former} aria-label={t("scheduled.former")}>
                {found.slice(0, SHOWN).map((one) => (
                  <li key={`${one.email} ${one.name}`}>
                    <Check isSelected={chosen.has(one)} onChange={(on) => toggle(one, on)}>
                      <span>
                        {`${one.civility} ${one.name}`.trim()}
                        <small>
                          {one.email} · {t(`room.${one.role}`)} · {guideDay(one.last)}
                        </small>
                      </span>
                    </Check>
                  </li>
                ))}
              </ul>
              {found.length > SHOWN && <p>{t("scheduled.more", { count: found.length - SHOWN })}</p>}
              {found.length === 0 && <p>{t("home.tile.nothing")}</p>}
            </>
          )}
          <div className={styles.row}>
            <Button onPress={onClose}>{t("meetings.cancel")}</Button>
            {people.length > 0 && (
              <Button look="primary" isDisabled={chosen.size === 0} onPress={() => onImport([...chosen])}>
                {t("scheduled.importChosen", { count: chosen.size })}
              </Button>
            )}
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

function matches({ name, email }: Former, search: string): boolean {
  const text = plain(`${name} ${email}`);
  return plain(search)
    .split(/\s+/)
    .every((word) => text.includes(word));
}
