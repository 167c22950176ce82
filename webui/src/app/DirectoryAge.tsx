import { useTranslation } from "react-i18next";
import { useDirectoryState } from "./directory";
import look from "./directory.module.css";

/** Where the directory comes from and how old it is; and why it is not newer. */
export function DirectoryAge() {
  const { t, i18n } = useTranslation();
  const state = useDirectoryState().data;
  if (!state) return null;
  const { copy, trouble } = state;
  const moment = (at: string) =>
    new Date(at).toLocaleString(i18n.language, { dateStyle: "long", timeStyle: "short" });
  return (
    <>
      <p className={look.note}>
        {copy
          ? t(`directory.from.${copy.origin}`, { at: moment(copy.at), count: copy.entries })
          : t("directory.none")}
      </p>
      {trouble && (
        <p className={look.trouble}>
          {t("directory.trouble", { at: moment(trouble.at), text: trouble.text })}
        </p>
      )}
    </>
  );
}
