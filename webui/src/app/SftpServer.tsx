import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import { Button, Field, Notice } from "../ui/controls";
import { ShownOnce } from "./ShownOnce";

export type Server = NonNullable<NonNullable<Schemas["ScheduleView"]["schedule"]>["sftp"]>;

interface Props {
  /** Null until its key was confirmed. */
  server: Server | null;
  onServer(server: Server): void;
  errorOf(field: string): string | null | undefined;
}

/** A server is introduced first: its own key is shown and confirmed, and the box’s key for it is shown. */
export function SftpServer({ server, onServer, errorOf }: Props) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<Server>(
    server ?? { host: "", port: 22, user: "", folder: "", host_key: "" },
  );
  const change = (part: Partial<Server>) => {
    // Another address is another server, which has to be introduced.
    const moved = part.host !== undefined || part.port !== undefined ? { host_key: "" } : {};
    const changed = { ...draft, ...part, ...moved };
    setDraft(changed);
    onServer(changed);
  };
  const introduce = useMutation<Schemas["Introduction"], ApiProblem>({
    mutationFn: () =>
      answered(
        api.POST("/api/system/backup/schedule/sftp", { body: { host: draft.host, port: draft.port } }),
      ),
  });
  return (
    <>
      <Field
        label={t("backup.host")}
        value={draft.host}
        onChange={(host) => change({ host })}
        error={errorOf("host")}
      />
      <Field
        label={t("backup.port")}
        inputMode="numeric"
        value={String(draft.port)}
        onChange={(port) => change({ port: Number(port) || 0 })}
        error={errorOf("port")}
      />
      <Field
        label={t("backup.user")}
        value={draft.user}
        onChange={(user) => change({ user })}
        error={errorOf("user")}
      />
      <Field
        label={t("backup.folder")}
        value={draft.folder}
        onChange={(folder) => change({ folder })}
        error={errorOf("folder")}
      />
      <Button isDisabled={introduce.isPending || !draft.host} onPress={() => introduce.mutate()}>
        {t("backup.introduce")}
      </Button>
      {introduce.error && <Notice kind="bad">{introduce.error.message || t("common.failed")}</Notice>}
      {introduce.data && (
        <>
          <ShownOnce
            label={t("backup.publicKey")}
            text={introduce.data.public_key}
            copy={t("backup.copyKey")}
          />
          <p>{t("backup.confirmHost")}</p>
          {introduce.data.host_keys.map(({ key, fingerprint }) => (
            <p key={key}>
              <label>
                <input
                  type="radio"
                  name="host-key"
                  checked={draft.host_key === key}
                  onChange={() => change({ host_key: key })}
                />{" "}
                <code>{fingerprint}</code>
              </label>
            </p>
          ))}
        </>
      )}
    </>
  );
}
