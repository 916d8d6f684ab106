import { answered, makeApi, type Schemas } from "../api/client";
import { pastedToken } from "./pasted-token";
import { providerToken } from "./provider-token";
import type { TokenSource } from "./token-source";
import { asTrouble, type Trouble } from "./trouble";

/** How one signs in here. */
export interface Door {
  surroundings: Schemas["Surroundings"];
  source: TokenSource;
}

/** Where one stands: `asking` the API, `out` (and why), or `in`. */
export type State =
  | { kind: "asking" }
  | { kind: "unreachable"; trouble: Trouble }
  | { kind: "out"; door: Door; trouble: Trouble | null }
  | { kind: "in"; door: Door; bearer: Schemas["Bearer"] };

/** Whoever is signed in already is in. */
export async function begun(): Promise<State> {
  let surroundings: Schemas["Surroundings"];
  try {
    surroundings = await answered(ofNobody().GET("/console-settings"));
  } catch (reason) {
    return { kind: "unreachable", trouble: asTrouble(reason) };
  }
  const { provider } = surroundings;
  const door = { surroundings, source: provider === null ? pastedToken() : providerToken(provider) };
  try {
    return (await door.source.restore()) ? await entered(door) : { kind: "out", door, trouble: null };
  } catch (reason) {
    return { kind: "out", door, trouble: asTrouble(reason) };
  }
}

function ofNobody() {
  return makeApi(
    () => null,
    () => {},
  );
}

/** In with the source's token, where the API takes it. */
export async function entered(door: Door): Promise<State> {
  try {
    return { kind: "in", door, bearer: await askWho(door.source) };
  } catch (reason) {
    return { kind: "out", door, trouble: asTrouble(reason) };
  }
}

/** Whose token it is, and what it permits now. */
export async function askWho(source: TokenSource): Promise<Schemas["Bearer"]> {
  return answered(makeApi(source.token, () => {}).GET("/identity"));
}
