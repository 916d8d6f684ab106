import type { RouteObject } from "react-router";
import { DefinitionsPage } from "./definitions-page";
import { DefinitionPage } from "./edit-page";
import { NewDefinitionPage } from "./new-page";

export const definitionRoutes: RouteObject[] = [
  { path: "/definitions", Component: DefinitionsPage },
  { path: "/definitions/new", Component: NewDefinitionPage },
  { path: "/definitions/:registerId/:definitionId", Component: DefinitionPage },
];
