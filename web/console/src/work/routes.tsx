import type { RouteObject } from "react-router";
import { WorkPage } from "./work-page";

export const workRoutes: RouteObject[] = [{ path: "/work", Component: WorkPage }];
