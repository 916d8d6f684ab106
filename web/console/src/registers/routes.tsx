import type { RouteObject } from "react-router";
import { NewRegisterPage } from "./new-register-page";
import { RegisterPage } from "./register-page";
import { RegistersPage } from "./registers-page";

export const registerRoutes: RouteObject[] = [
  { path: "/registers", Component: RegistersPage },
  { path: "/registers/new", Component: NewRegisterPage },
  { path: "/registers/:registerId", Component: RegisterPage },
];
