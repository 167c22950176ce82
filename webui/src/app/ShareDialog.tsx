import { type FormEvent, useState } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useTranslation } from "react-i18next";
import type { ApiProblem } from "../api/client";
import { Button, Field, Lines, Notice } from "../ui/controls";
import { Bin } from "../ui/icons";
import styles from "./app.module.css";
import type { PermanentMeeting } from "./meetings";
import look from "./share.module.css";
import { useShare, useShares } from "./sharing";
import { faultsOf } from "./users";

interface Props {
  meeting: PermanentMeeting;
  onClose(): void;
}

/** «Envoyer une invitation pour la réunion : …» (PERM-04), and what has become of those that were sent. */
export function ShareDialog({ meeting, onClose }: Props) {
  const { t } = useTranslation();
  const [message, setMessage] = useState("");
  const [emails, setEmails] = useState([""]);
  // What is wrong with a field, until it is another one.
  const [faults, setFaults] = useState<Record<string, string>>({});
  const share = useShare(meeting.id);
  const set = (number: number, email: string) => {
    setEmails(emails.map((one, n) => (n === number ? email : one)));
    mended(`emails.${number}`);
  };
  const mended = (field: string) =>
    setFaults(Object.fromEntries(Object.entries(faults).filter(([one]) => one !== field)));
  const drop = (number: number) => {
    setEmails(emails.filter((_, n) => n !== number));
    // They are known by their places, which are others now.
    setFaults({});
  };

  const send = (to: string[], onSuccess: () => void) => {
    setFaults({});
    const onError = (problem: ApiProblem) => setFaults(faultsOf(problem));
    share.mutate({ message, emails: to }, { onSuccess, onError });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send(emails, () => setEmails([""]));
  };

  return (
    <ModalOverlay
      isOpen
      isDismissable
      className={styles.dialog ?? ""}
      onOpenChange={(open) => open || onClose()}
    >
      <Modal className={look.window ?? ""}>
        <Dialog className={look.content ?? ""}>
          <Heading slot="title">{t("sharing.title", { name: meeting.name })}</Heading>
          {!meeting.active && <Notice>{t("sharing.inactive")}</Notice>}
          {share.isError && <Notice kind="bad">{share.error.message || t("common.failed")}</Notice>}
          {share.isSuccess && <Notice kind="good">{t("sharing.queued")}</Notice>}
          <form onSubmit={submit} noValidate>
            <Lines
              label={t("sharing.message")}
              autoFocus
              value={message}
              onChange={(text) => {
                setMessage(text);
                mended("message");
              }}
              error={faults["message"]}
            />
            {emails.map((email, number) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a field is what stands at its place
              <div className={look.address} key={number}>
                <Field
                  label={number === 0 ? t("sharing.email") : t("sharing.emailN", { number: number + 1 })}
                  hint={t("sharing.hint")}
                  type="email"
                  autoComplete="off"
                  value={email}
                  onChange={(text) => set(number, text)}
                  error={faults[`emails.${number}`]}
                />
                {emails.length > 1 && (
                  <Button
                    look="quiet"
                    aria-label={t("sharing.drop", { number: number + 1 })}
                    onPress={() => drop(number)}
                  >
                    <Bin />
                  </Button>
                )}
              </div>
            ))}
            <Button look="quiet" onPress={() => setEmails([...emails, ""])}>
              {t("sharing.add")}
            </Button>
            <div className={look.foot}>
              <Button onPress={onClose}>{t("sharing.close")}</Button>
              <Button type="submit" look="primary" isDisabled={share.isPending}>
                {t("sharing.send")}
              </Button>
            </div>
          </form>
          <States
            meeting={meeting.id}
            isBusy={share.isPending}
            onAgain={(email) => send([email], () => undefined)}
          />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

interface StatesProps {
  meeting: number;
  isBusy: boolean;
  onAgain(email: string): void;
}

function States({ meeting, isBusy, onAgain }: StatesProps) {
  const { t } = useTranslation();
  const shares = useShares(meeting);
  return (
    <section aria-labelledby="sharing-states">
      <h3 id="sharing-states">{t("sharing.states")}</h3>
      {shares.isError && <Notice kind="bad">{shares.error.message || t("common.failed")}</Notice>}
      {shares.isPending && <p>{t("common.loading")}</p>}
      {shares.data?.length === 0 && <p>{t("sharing.none")}</p>}
      <ul className={look.states}>
        {shares.data?.map(({ email, delivery }) => (
          <li key={email}>
            <span className={look.state}>
              <strong>{email}</strong>
              <span className={look[delivery.state]}>{delivery.text}</span>
            </span>
            {delivery.state !== "waiting" && (
              <Button
                look="quiet"
                isDisabled={isBusy}
                aria-label={t("sharing.againTo", { email })}
                onPress={() => onAgain(email)}
              >
                {t("sharing.again")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
