/** A record's event stream as the API sends it, read from a fetch Response. */

import { createParser, type EventSourceMessage } from "eventsource-parser";
import { readEvent } from "./answers";
import type { ScoreState } from "./types";
import { within } from "./wait";

export interface StreamEvent {
  id: string | undefined;
  state: ScoreState;
}

export interface StreamListener {
  onEvent(event: StreamEvent): void;
  /** So many milliseconds the server wants to be left alone for before the next connection. */
  onRetry(milliseconds: number): void;
}

const KINDS: ReadonlySet<string> = new Set(["pending", "computed", "failed"]);

/** Characters of one event, far more than any has. */
const MAX_BUFFER = 1_048_576;

export function isEventStream(response: Response): boolean {
  return response.ok && (response.headers.get("Content-Type") ?? "").startsWith("text/event-stream");
}

/** Reads until the server ends the stream, or the signal is aborted; raises where it breaks. One that is silent for `silence` milliseconds is dead, whatever the network says. */
export async function readEventStream(
  response: Response,
  silence: number,
  listener: StreamListener,
  signal?: AbortSignal,
): Promise<void> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  // the host may have left the signal out of its request
  const end = () => void reader.cancel().catch(() => {});
  signal?.addEventListener("abort", end);
  const decoder = new TextDecoder();
  const parser = createParser({
    maxBufferSize: MAX_BUFFER,
    onEvent: (message) => tellEvent(message, listener),
    onRetry: (milliseconds) => listener.onRetry(milliseconds),
  });
  try {
    for (;;) {
      const { done, value } = await within(reader.read(), silence, fellSilent);
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
    }
  } finally {
    signal?.removeEventListener("abort", end);
    await reader.cancel().catch(() => {});
  }
}

function tellEvent(message: EventSourceMessage, listener: StreamListener): void {
  // kinds that a later server may add are not for us
  if (KINDS.has(message.event ?? "")) listener.onEvent({ id: message.id, state: readEvent(message.data) });
}

function fellSilent(): Error {
  return new Error("the event stream has fallen silent");
}
