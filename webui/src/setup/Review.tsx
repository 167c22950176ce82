import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { Button, Notice } from "../ui/controls";
import { target } from "./follow";
import { sentence } from "./Settings";
import styles from "./setup.module.css";

interface Props {
  outcome: Schemas["SetupOutcome"];
  busy: boolean;
  onApply(): void;
  onBack(): void;
}

/** What the settings mean for whoever gives them, before they are applied. */
export function Review({ outcome, busy, onApply, onBack }: Props) {
  const { t } = useTranslation();
  const address = target(outcome, location);
  const moves = address !== location.origin;
  return (
    <div className={styles.card}>
      <h2>{t("setup.review.title")}</h2>
      <p>{t(moves ? "setup.review.reached" : "setup.review.asNow", { address })}</p>
      {outcome.public_name && <p>{t("setup.review.named", { name: outcome.public_name })}</p>}
      {outcome.confirm_within_seconds && moves && (
        <Notice>{t("setup.review.confirm", { seconds: outcome.confirm_within_seconds })}</Notice>
      )}
      {outcome.remarks.length > 0 && (
        <Notice>
          {t("setup.review.remarks")}
          <ul className={styles.faults}>
            {outcome.remarks.map((remark) => (
              <li key={remark.key}>
                {remark.label}
                {"\u00a0: "}
                {sentence(remark)}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      <div className={styles.row}>
        <Button look="primary" onPress={onApply} isDisabled={busy}>
          {t("setup.review.apply")}
        </Button>
        <Button onPress={onBack} isDisabled={busy}>
          {t("setup.review.back")}
        </Button>
      </div>
    </div>
  );
}
