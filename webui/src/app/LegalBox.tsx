import { useId } from "react";
import { useTranslation } from "react-i18next";
import { Check } from "../ui/controls";
import look from "./users.module.css";

/** Where the texts stand (`Legal`). */
const PAGES = { terms: "/cgv", liability: "/responsabilite" };

interface Props {
  name: "terms" | "liability";
  /** Whether there is a text; only the neutral one otherwise. */
  given: boolean;
  error: string | undefined;
  isSelected: boolean;
  onChange(selected: boolean): void;
}

/** A text that has to be agreed to (USER-03). */
export function LegalBox({ name, given, error, isSelected, onChange }: Props) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div>
      <Check
        isSelected={isSelected}
        onChange={onChange}
        isRequired
        isInvalid={Boolean(error)}
        validationBehavior="aria"
        aria-describedby={id}
      >
        {t(`users.legal.${name}`)}
      </Check>
      <p id={id} className={look.about}>
        {given ? (
          <a href={PAGES[name]} target="_blank" rel="noreferrer">
            {t(`users.legal.${name}Read`)}
          </a>
        ) : (
          t(`users.legal.${name}Neutral`)
        )}
        {error && <span className={look.error}>{error}</span>}
      </p>
    </div>
  );
}
