import type { Permission } from "../session/session";

export interface Place {
  path: string;
  /** Where one is then, too. */
  within?: string[];
  text: "registers" | "changeRequests" | "work" | "definitions" | "builders";
  /** Any one of these shows it. */
  permissions: Permission[];
}

const PLACES: Place[] = [
  { path: "/registers", within: ["/records"], text: "registers", permissions: ["register:view"] },
  { path: "/change-requests", text: "changeRequests", permissions: ["changeRequest:view"] },
  { path: "/work", text: "work", permissions: ["registerScore:view"] },
  { path: "/definitions", text: "definitions", permissions: ["registerDefinition:view"] },
  { path: "/builders", text: "builders", permissions: ["builder:view", "builder:participate"] },
];

/** Where the holder of these permissions can go. */
export function placesFor(permissions: readonly Permission[]): Place[] {
  return PLACES.filter((place) => place.permissions.some((one) => permissions.includes(one)));
}
