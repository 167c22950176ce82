import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Notice } from "../../ui/controls";
import { ConfirmDialog } from "../ConfirmDialog";
import { type PermanentMeeting, useAllMeetings, useMeetingActions } from "../meetings";
import look from "./dashboard.module.css";
import { RowMenu } from "./RowMenu";
import { Tile } from "./Tile";

/** «Réunions Permanentes»: those that are open, and what can be done with them (DASH-09). */
export function PermanentTile({ onEdit }: { onEdit(meeting: PermanentMeeting): void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const meetings = useAllMeetings();
  const { remove } = useMeetingActions();
  const [removed, setRemoved] = useState<PermanentMeeting | null>(null);
  const [told, setTold] = useState("");
  const active = meetings.data?.filter((one) => one.active);

  const share = ({ name, address, link }: PermanentMeeting) => {
    const text = t("home.share.text", { name, number: address, link });
    navigator.clipboard.writeText(text).then(
      () => setTold(t("home.share.done", { name })),
      () => setTold(t("meetings.copyFailed")),
    );
  };

  return (
    <Tile title={t("dashboard.permanent")} count={active?.length} query={meetings}>
      {remove.error && <Notice kind="bad">{remove.error.message || t("common.failed")}</Notice>}
      <ul className={look.list}>
        {active?.map((meeting) => (
          <li key={meeting.id}>
            <span className={look.grow}>
              {meeting.name}
              <span className={look.under}>{meeting.number}</span>
            </span>
            <RowMenu
              name={meeting.name}
              acts={[
                [
                  t("meetings.join"),
                  () =>
                    void navigate({
                      to: "/reunions-permanentes/$meeting/salle",
                      params: { meeting: String(meeting.id) },
                    }),
                ],
                [t("meetings.change"), () => onEdit(meeting)],
                [t("home.share.act"), () => share(meeting)],
                [
                  t("sittings.open"),
                  () => void navigate({ to: "/seances/$meeting", params: { meeting: String(meeting.id) } }),
                ],
                [t("meetings.delete"), () => setRemoved(meeting)],
              ]}
            />
          </li>
        ))}
      </ul>
      <p role="status" className={look.told}>
        {told}
      </p>
      {removed && (
        <ConfirmDialog
          title={t("meetings.delete")}
          action={t("meetings.delete")}
          onClose={() => setRemoved(null)}
          onConfirm={() => {
            remove.mutate(removed.id);
            setRemoved(null);
          }}
        >
          {t("meetings.deleteAsk", { name: removed.name })}
        </ConfirmDialog>
      )}
    </Tile>
  );
}
