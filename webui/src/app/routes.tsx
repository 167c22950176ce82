import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";
import { Dashboard } from "./Dashboard";
import { Meetings } from "./Meetings";
import { OrganizerRoom } from "./OrganizerRoom";
import { Portal } from "./Portal";
import { Shell } from "./Shell";
import { System } from "./System";

const root = createRootRoute({ component: Portal });
const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell });
const dashboard = createRoute({ getParentRoute: () => shell, path: "/", component: Dashboard });
const meetings = createRoute({
  getParentRoute: () => shell,
  path: "/reunions-permanentes",
  component: Meetings,
});
const system = createRoute({ getParentRoute: () => shell, path: "/etat-de-la-boite", component: System });
const room = createRoute({
  getParentRoute: () => root,
  path: "/reunions-permanentes/$meeting/salle",
  component: function RoomRoute() {
    return <OrganizerRoom meeting={Number(room.useParams().meeting)} />;
  },
});

export function makeRouter() {
  return createRouter({
    routeTree: root.addChildren([shell.addChildren([dashboard, meetings, system]), room]),
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
