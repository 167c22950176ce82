import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/controls";
import { Copy } from "../ui/icons";

/** Copies a text and says so (PERM-03). */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const { t } = useTranslation();
  const [told, setTold] = useState<"meetings.copied" | "meetings.copyFailed" | null>(null);
  useEffect(() => {
    if (!told) return;
    const timer = setTimeout(() => setTold(null), 2_000);
    return () => clearTimeout(timer);
  }, [told]);
  return (
    <>
      <Button
        look="quiet"
        aria-label={label}
        onPress={() =>
          void navigator.clipboard.writeText(text).then(
            () => setTold("meetings.copied"),
            () => setTold("meetings.copyFailed"),
          )
        }
      >
        <Copy />
      </Button>
      <span role="status">{told ? t(told) : ""}</span>
    </>
  );
}
