import { afterEach, describe, expect, it, vi } from "vitest";
import { SCORE, TO_COME } from "./answers.cases";
import { isEventStream, readEventStream, type StreamEvent } from "./event-stream";

afterEach(() => vi.useRealTimers());

const REASON = "“assets” fehlt – 🙂";
const STREAM = [
  ": connected\nretry: 3000\n\n",
  `event: pending\ndata: ${JSON.stringify(TO_COME)}\nid: FSF_SCORE=4711.0.p\n\n`,
  ": ping\n\n",
  'event: something-newer\ndata: {"not": "ours"}\n\n',
  `event: failed\r\ndata: ${JSON.stringify({ ...SCORE, status: "failed", reason: REASON })}\r\nid: b\r\n\r\n`,
  `event: computed\ndata: ${JSON.stringify(SCORE)}\n`,
].join("");

/** A stream that sends these bytes, cut at these places. */
function streamed(text: string, cuts: number[]): Response {
  const bytes = new TextEncoder().encode(text);
  const ends = [...cuts, bytes.length];
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const [index, end] of ends.entries()) controller.enqueue(bytes.slice(ends[index - 1] ?? 0, end));
      controller.close();
    },
  });
  return new Response(body, { headers: { "Content-Type": "text/event-stream; charset=utf-8" } });
}

async function read(response: Response) {
  const events: StreamEvent[] = [];
  const retries: number[] = [];
  await readEventStream(response, 45_000, {
    onEvent: (event) => events.push(event),
    onRetry: (milliseconds) => retries.push(milliseconds),
  });
  return { events, retries };
}

describe("an event stream", () => {
  it("tells the same wherever the network cuts it, even within a character", async () => {
    const whole = await read(streamed(STREAM, []));
    const length = new TextEncoder().encode(STREAM).length;
    for (let cut = 1; cut < length; cut += 1) expect(await read(streamed(STREAM, [cut]))).toEqual(whole);

    expect(whole.retries).toEqual([3000]);
    expect(whole.events.map(({ id, state }) => [id, state.status])).toEqual([
      ["FSF_SCORE=4711.0.p", "pending"],
      ["b", "failed"],
    ]);
    expect(whole.events[1]?.state.reason).toBe(REASON);
  });

  it("tells the same byte by byte", async () => {
    const length = new TextEncoder().encode(STREAM).length;

    const read1 = await read(
      streamed(
        STREAM,
        Array.from({ length: length - 1 }, (_, index) => index + 1),
      ),
    );

    expect(read1).toEqual(await read(streamed(STREAM, [])));
  });

  it("is broken by an event that is no score", async () => {
    await expect(read(streamed("event: computed\ndata: {}\n\n", []))).rejects.toThrow("score_type is no text");
  });

  it("that sends nothing for too long is dead, and is let go", async () => {
    vi.useFakeTimers();
    const cancel = vi.fn();
    let send = (_: string) => {};
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        send = (text) => controller.enqueue(new TextEncoder().encode(text));
      },
      cancel,
    });
    const ended = expect(read(new Response(body))).rejects.toThrow("fallen silent");

    await vi.advanceTimersByTimeAsync(44_000);
    send(": ping\n\n");
    await vi.advanceTimersByTimeAsync(44_000);
    expect(cancel).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1_000);

    await ended;
    expect(cancel).toHaveBeenCalled();
  });

  it("is let go at once where the signal says so, though the host's request knows of none", async () => {
    const cancel = vi.fn();
    const life = new AbortController();
    const ended = readEventStream(
      new Response(new ReadableStream({ cancel })),
      45_000,
      { onEvent: vi.fn(), onRetry: vi.fn() },
      life.signal,
    );
    life.abort();

    await ended;
    expect(cancel).toHaveBeenCalledOnce();
  });

  it("is told from a page that a proxy sends in its place", () => {
    expect(isEventStream(streamed("", []))).toBe(true);
    expect(isEventStream(new Response("<html>", { headers: { "Content-Type": "text/html" } }))).toBe(false);
    expect(isEventStream(new Response(null, { status: 503 }))).toBe(false);
  });
});
