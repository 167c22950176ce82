import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Live, type Socket, type Surroundings, type Topic } from "./live";

/** The queries that show something of a topic, by the first parts of their keys. */
export const SHOWN_BY: Readonly<Record<Topic, string[][]>> = {
  permanent_meetings: [["permanent-meetings"]],
  scheduled_meetings: [["scheduled-meetings"]],
  calls: [["calls"]],
  waiting: [["waiting"]],
  directory: [["directory"]],
  // What has become of a mail is shown on its meeting’s page alone: five hundred mails do not have every list asked for anew.
  deliveries: [["deliveries"], ["scheduled-meetings", "one"]],
  everything: [
    ["permanent-meetings"],
    ["scheduled-meetings"],
    ["calls"],
    ["waiting"],
    ["directory"],
    ["deliveries"],
  ],
};

const SURROUNDINGS: Surroundings = {
  open: () => new WebSocket(`wss://${location.host}/api/events`) as unknown as Socket,
  after: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
  chance: Math.random,
};

/**
 * Asks again for what the page shows as soon as it has changed, and asks for the login once the session is over (DASH-08).
 * @param isIn whether there is a session
 */
export function useLive(isIn: boolean): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!isIn) return;
    const changed = (topic: Topic) => {
      for (const queryKey of SHOWN_BY[topic]) void queries.invalidateQueries({ queryKey });
    };
    const over = () => void queries.invalidateQueries({ queryKey: ["session"] });
    const live = new Live(SURROUNDINGS, changed, over);
    const again = () => live.again();
    live.start();
    window.addEventListener("online", again);
    return () => {
      window.removeEventListener("online", again);
      live.stop();
    };
  }, [queries, isIn]);
}
