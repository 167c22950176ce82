import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Choice } from "../ui/controls";
import { chooseTheme, chosenTheme, THEMES, type Theme } from "../ui/theme";

/** Light, dark, or as the device is; kept in this browser. */
export function ThemeChoice() {
  const { t } = useTranslation();
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <Choice
      label={t("home.theme.title")}
      value={theme}
      onChange={(value) => {
        chooseTheme(value as Theme);
        setTheme(value as Theme);
      }}
      options={THEMES.map((one) => [one, t(`home.theme.${one}`)] as const)}
    />
  );
}
