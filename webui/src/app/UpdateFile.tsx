import { useState } from "react";
import { FileTrigger } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button, Check, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { isBusy, LARGEST_UPDATE, type Updating, type useUpdateActions } from "./updates";

/** From the administrator’s own machine, or from a USB stick in the box. */
export function UpdateFile({
  updating,
  actions,
}: {
  updating: Updating;
  actions: ReturnType<typeof useUpdateActions>;
}) {
  const { t } = useTranslation();
  const [again, setAgain] = useState(false);
  const [sent, setSent] = useState(0);
  const [tooLarge, setTooLarge] = useState(false);
  const { send, install } = actions;
  const choose = (file: File | undefined) => {
    if (!file) return;
    setTooLarge(file.size > LARGEST_UPDATE);
    setSent(0);
    if (file.size <= LARGEST_UPDATE) send.mutate({ file, again, onSent: setSent });
  };
  const disabled = isBusy(updating) || send.isPending;
  return (
    <section className={styles.panel} aria-labelledby="updates-file">
      <h2 id="updates-file">{t("updates.byHand")}</h2>
      <p>{t("updates.byHandHint")}</p>
      {tooLarge && <Notice kind="bad">{t("updates.tooLarge")}</Notice>}
      {send.isError && <Notice kind="bad">{send.error.message || t("updates.sendFailed")}</Notice>}
      {send.isPending && (
        <>
          <p role="status">{t("updates.sending", { percent: Math.floor(sent * 100) })}</p>
          <progress aria-labelledby="updates-file" value={sent} max={1} />
        </>
      )}
      {updating.rejected.length > 0 && (
        <Check isSelected={again} onChange={setAgain}>
          {t("updates.despiteRejection")}
        </Check>
      )}
      <div className={styles.row}>
        <FileTrigger acceptedFileTypes={[".update"]} onSelect={(files) => choose(files?.[0])}>
          <Button isDisabled={disabled}>{t("updates.chooseFile")}</Button>
        </FileTrigger>
        <Button isDisabled={disabled} onPress={() => install.mutate({ from: "stick", again })}>
          {t("updates.fromStick")}
        </Button>
      </div>
    </section>
  );
}
