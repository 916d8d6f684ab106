import type { Schemas } from "../api/client";
import { Problem } from "../api/problem";
import { askWho } from "./entering";
import type { TokenSource } from "./token-source";

const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Whose the renewed token is and what it permits; null where there is none any more. A provider or an API that is away for
 * a while proves neither: they are asked again after each pause.
 */
export async function renewedBearer(
  source: TokenSource,
  pause: (milliseconds: number) => Promise<void>,
): Promise<Schemas["Bearer"] | null> {
  for (let next = FIRST_PAUSE_MS; ; next = Math.min(2 * next, LONGEST_PAUSE_MS)) {
    try {
      return (await source.renew()) ? await askWho(source) : null;
    } catch (reason) {
      if (reason instanceof Problem && (reason.status === 401 || reason.isForbidden)) return null;
    }
    await pause(next);
  }
}
