import { type ComponentType, lazy } from "react";
import { useTranslation } from "react-i18next";
import { Button, Notice } from "./controls";

/** A part of a page that is fetched when it is first shown; where it does not come, that is said, and how to go on. */
export function later<Props extends object>(load: () => Promise<ComponentType<Props>>) {
  return lazy<ComponentType<Props>>(async () => {
    try {
      return { default: await load() };
    } catch {
      return { default: Unreached };
    }
  });
}

function Unreached() {
  const { t } = useTranslation();
  return (
    <>
      <Notice kind="bad">{t("common.failed")}</Notice>
      <Button onPress={() => location.reload()}>{t("common.retry")}</Button>
    </>
  );
}
