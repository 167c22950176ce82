import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";
import { Backup } from "./Backup";
import { CallLog } from "./CallLog";
import { CONFIRMATION_PATH, ConfirmSettings } from "./ConfirmSettings";
import { DirectoryData } from "./DirectoryData";
import { Dashboard } from "./dashboard/Dashboard";
import { Legal } from "./Legal";
import { Licences } from "./Licences";
import { LostPassword } from "./LostPassword";
import { Maintenance } from "./Maintenance";
import { Meetings } from "./Meetings";
import { OrganizerRoom } from "./OrganizerRoom";
import { OwnPassword } from "./OwnPassword";
import { PasswordByLink } from "./PasswordByLink";
import { PersonalData } from "./PersonalData";
import { Portal } from "./Portal";
import { Settings } from "./Settings";
import { Shell } from "./Shell";
import { Sittings } from "./Sittings";
import { System } from "./System";
import { ScheduledList } from "./scheduled/List";
import { Participants } from "./scheduled/Participants";
import { ChangeScheduled, NewScheduled } from "./scheduled/ScheduledForm";
import { Validation } from "./scheduled/Validation";
import { Updates } from "./Updates";
import { Users } from "./Users";

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
const system = createRoute({ getParentRoute: () => shell, path: "/etat-de-la-boite", component: System });
const backup = createRoute({ getParentRoute: () => shell, path: "/sauvegarde", component: Backup });
const maintenance = createRoute({
  getParentRoute: () => shell,
  path: "/maintenance",
  component: Maintenance,
});
const updates = createRoute({ getParentRoute: () => shell, path: "/mises-a-jour", component: Updates });
const settings = createRoute({
  getParentRoute: () => shell,
  path: "/reglages-de-la-boite",
  component: Settings,
});
const directoryData = createRoute({
  getParentRoute: () => shell,
  path: "/donnees-de-l-annuaire",
  component: DirectoryData,
});
const users = createRoute({ getParentRoute: () => shell, path: "/utilisateurs", component: Users });
const licences = createRoute({ getParentRoute: () => shell, path: "/licences", component: Licences });
const personalData = createRoute({
  getParentRoute: () => shell,
  path: "/donnees-personnelles",
  component: PersonalData,
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
  component: ConfirmSettings,
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
