import type { RouteObject } from "react-router";
import { ChangeRequestPage } from "./change-request-page";
import { InboxPage } from "./inbox-page";

export const changeRequestRoutes: RouteObject[] = [
  { path: "/change-requests", Component: InboxPage },
  { path: "/change-requests/:changeRequestId", Component: ChangeRequestPage },
];
