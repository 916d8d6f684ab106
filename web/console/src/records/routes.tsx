import type { RouteObject } from "react-router";
import { ChangePage } from "./change-page";
import { NewRecordPage } from "./new-record-page";
import { RecordPage } from "./record-page";

export const recordRoutes: RouteObject[] = [
  { path: "/records/:recordId", Component: RecordPage },
  { path: "/records/:recordId/change", Component: ChangePage },
  { path: "/registers/:registerId/new-record", Component: NewRecordPage },
];
