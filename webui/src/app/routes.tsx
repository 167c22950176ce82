import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { later } from "../ui/later";
import { CallLog } from "./CallLog";
import { Dashboard } from "./dashboard/Dashboard";
import { Legal } from "./Legal";
import { LostPassword } from "./LostPassword";
import { Meetings } from "./Meetings";
import { OwnPassword } from "./OwnPassword";
import { PasswordByLink } from "./PasswordByLink";
import { Portal } from "./Portal";
import { Shell } from "./Shell";
import { Sittings } from "./Sittings";
import { ScheduledList } from "./scheduled/List";
import { CONFIRMATION_PATH } from "./settings";

// What the first page does not show is fetched when it is wanted; the room ahead, as people wait behind it.
const organizerRoom = () => import("./OrganizerRoom");
const OrganizerRoom = later(async () => (await organizerRoom()).OrganizerRoom);
const form = () => import("./scheduled/ScheduledForm");
const NewScheduled = later(async () => (await form()).NewScheduled);
const ChangeScheduled = later(async () => (await form()).ChangeScheduled);
const Participants = later(async () => (await import("./scheduled/Participants")).Participants);
const Validation = later(async () => (await import("./scheduled/Validation")).Validation);

/** To be called once the first page is there. */
export function fetchAhead(): void {
  // One that does not come is asked for again by whoever opens the room.
  const fetchRoom = () => void organizerRoom().catch(() => undefined);
  if ("requestIdleCallback" in window) requestIdleCallback(fetchRoom);
  else setTimeout(fetchRoom, 2_000);
}

const root = createRootRoute();
const portal = createRoute({ getParentRoute: () => root, id: "portal", component: Portal });
const shell = createRoute({ getParentRoute: () => portal, id: "shell", component: Shell });
const dashboard = createRoute({ getParentRoute: () => shell, path: "/", component: Dashboard });
const meetings = createRoute({
  getParentRoute: () => shell,
  path: "/reunions-permanentes",
  component: Meetings,
});
const callLog = createRoute({ getParentRoute: () => shell, path: "/journal-d-appel", component: CallLog });
const terms = createRoute({
  getParentRoute: () => root,
  path: "/cgv",
  component: () => <Legal which="terms" />,
});
const responsibility = createRoute({
  getParentRoute: () => root,
  path: "/responsabilite",
  component: () => <Legal which="responsibility" />,
});
const system = createRoute({
  getParentRoute: () => shell,
  path: "/etat-de-la-boite",
  component: lazyRouteComponent(() => import("./System"), "System"),
});
const backup = createRoute({
  getParentRoute: () => shell,
  path: "/sauvegarde",
  component: lazyRouteComponent(() => import("./Backup"), "Backup"),
});
const maintenance = createRoute({
  getParentRoute: () => shell,
  path: "/maintenance",
  component: lazyRouteComponent(() => import("./Maintenance"), "Maintenance"),
});
const updates = createRoute({
  getParentRoute: () => shell,
  path: "/mises-a-jour",
  component: lazyRouteComponent(() => import("./Updates"), "Updates"),
});
const settings = createRoute({
  getParentRoute: () => shell,
  path: "/reglages-de-la-boite",
  component: lazyRouteComponent(() => import("./Settings"), "Settings"),
});
const directoryData = createRoute({
  getParentRoute: () => shell,
  path: "/donnees-de-l-annuaire",
  component: lazyRouteComponent(() => import("./DirectoryData"), "DirectoryData"),
});
const users = createRoute({
  getParentRoute: () => shell,
  path: "/utilisateurs",
  component: lazyRouteComponent(() => import("./Users"), "Users"),
});
const licences = createRoute({
  getParentRoute: () => shell,
  path: "/licences",
  component: lazyRouteComponent(() => import("./Licences"), "Licences"),
});
const personalData = createRoute({
  getParentRoute: () => shell,
  path: "/donnees-personnelles",
  component: lazyRouteComponent(() => import("./PersonalData"), "PersonalData"),
});
const ownPassword = createRoute({
  getParentRoute: () => shell,
  path: "/mon-mot-de-passe",
  component: OwnPassword,
});
const lostPassword = createRoute({
  getParentRoute: () => root,
  path: "/mot-de-passe-oublie",
  component: LostPassword,
});
const passwordByLink = createRoute({
  getParentRoute: () => root,
  path: "/nouveau-mot-de-passe",
  component: PasswordByLink,
});
const confirmSettings = createRoute({
  getParentRoute: () => root,
  path: CONFIRMATION_PATH,
  component: lazyRouteComponent(() => import("./ConfirmSettings"), "ConfirmSettings"),
});
const sittings = createRoute({
  getParentRoute: () => shell,
  path: "/seances/$meeting",
  component: function SittingsRoute() {
    return <Sittings meeting={Number(sittings.useParams().meeting)} />;
  },
});
const room = createRoute({
  getParentRoute: () => portal,
  path: "/reunions-permanentes/$meeting/salle",
  component: function RoomRoute() {
    return <OrganizerRoom kind="permanent" meeting={Number(room.useParams().meeting)} />;
  },
});

const scheduled = createRoute({
  getParentRoute: () => shell,
  path: "/reunions-programmees",
  component: ScheduledList,
});
const newScheduled = createRoute({
  getParentRoute: () => shell,
  path: "/reunions-programmees/nouvelle",
  component: NewScheduled,
});
const changeScheduled = createRoute({
  getParentRoute: () => shell,
  path: "/reunions-programmees/$meeting",
  component: function ChangeRoute() {
    return <ChangeScheduled id={Number(changeScheduled.useParams().meeting)} />;
  },
});
const participants = createRoute({
  getParentRoute: () => shell,
  path: "/reunions-programmees/$meeting/participants",
  component: function ParticipantsRoute() {
    return <Participants id={Number(participants.useParams().meeting)} />;
  },
});
const validation = createRoute({
  getParentRoute: () => shell,
  path: "/reunions-programmees/$meeting/validation",
  component: function ValidationRoute() {
    return <Validation id={Number(validation.useParams().meeting)} />;
  },
});
const scheduledRoom = createRoute({
  getParentRoute: () => portal,
  path: "/reunions-programmees/$meeting/salle",
  component: function ScheduledRoomRoute() {
    return <OrganizerRoom kind="scheduled" meeting={Number(scheduledRoom.useParams().meeting)} />;
  },
});

export function makeRouter() {
  return createRouter({
    routeTree: root.addChildren([
      portal.addChildren([
        shell.addChildren([
          dashboard,
          meetings,
          sittings,
          scheduled,
          newScheduled,
          changeScheduled,
          participants,
          validation,
          users,
          licences,
          ownPassword,
          callLog,
          system,
          settings,
          directoryData,
          personalData,
          updates,
          backup,
          maintenance,
        ]),
        room,
        scheduledRoom,
      ]),
      confirmSettings,
      lostPassword,
      passwordByLink,
      terms,
      responsibility,
    ]),
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
