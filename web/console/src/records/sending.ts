/** Asking for a change so that an answer which was lost makes no second change request of it. */

import { type Api, answered, type Schemas } from "../api/client";
import { Problem } from "../api/problem";

export type AskedFor = Schemas["CreateChangeRequest"] & { change_request_id: string };

/** By change request id, what was sent under it without an answer: it may have arrived. */
export type Unanswered = Map<string, Set<string>>;

/** An attempt without an answer had arrived, and it asked for something else. */
export class ArrivedOtherwise extends Error {
  readonly id: string;

  constructor(id: string) {
    super(`${id} was made before`);
    this.name = "ArrivedOtherwise";
    this.id = id;
  }
}

export function newChangeRequestId(): string {
  // `randomUUID` is there in secure contexts only
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `CR-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** The id of the change request: made now, or by the attempt before whose answer was lost. */
export async function createOnce(api: Api, body: AskedFor, unanswered: Unanswered): Promise<string> {
  const { change_request_id: id } = body;
  const before = unanswered.get(id) ?? new Set();
  try {
    return (await answered(api.POST("/change-requests", { body }))).change_request_id;
  } catch (reason) {
    const sent = JSON.stringify(body);
    if (isTaken(reason) && before.size > 0) {
      if (before.size === 1 && before.has(sent)) return id;
      throw new ArrivedOtherwise(id);
    }
    if (reason instanceof Problem && reason.isPassing) unanswered.set(id, before.add(sent));
    throw reason;
  }
}

function isTaken(reason: unknown): boolean {
  return (
    reason instanceof Problem &&
    reason.status === 409 &&
    reason.fields.some(({ field }) => field === "change_request_id")
  );
}
