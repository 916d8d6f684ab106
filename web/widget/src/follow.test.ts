import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readScores } from "./answers";
import { SCORE, TO_COME } from "./answers.cases";
import { followScores } from "./follow";
import { problemOfStatus } from "./problem";
import { listStates, NOTHING_KNOWN, reduceScores, type ScoresState } from "./state";

const PENDING = { scores: [{ ...SCORE, status: "pending" }] };
const CURRENT = { scores: [SCORE] };

/** A service that answers what it is told to, and streams where it may. */
class Service {
  answer: () => unknown = () => CURRENT;
  asked = 0;
  opened: Array<string | undefined> = [];
  refusal: Response | undefined;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  signal: AbortSignal | undefined;

  ask = async () => {
    this.asked += 1;
    return readScores(this.answer());
  };

  openEvents = async ({ lastEventId, signal }: { lastEventId: string | undefined; signal: AbortSignal }) => {
    this.opened.push(lastEventId);
    this.signal = signal;
    if (this.refusal) return this.refusal.clone();
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
    });
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  };

  send(text: string) {
    this.#controller?.enqueue(new TextEncoder().encode(text));
  }

  end() {
    this.#controller?.close();
  }

  break() {
    this.#controller?.error(new TypeError("network error"));
  }
}

let service: Service;
let state: ScoresState;
let stops: Array<() => void>;

function follow({ streams = false } = {}) {
  let ticks = 0;
  const following = followScores(
    { ask: service.ask, openEvents: streams ? service.openEvents : undefined },
    () => {
      ticks += 1;
      return ticks;
    },
    (action) => {
      state = reduceScores(state, action);
    },
  );
  stops.push(following.stop);
  return following;
}

function setHidden(isHidden: boolean) {
  Object.defineProperty(document, "hidden", { configurable: true, value: isHidden });
  document.dispatchEvent(new Event("visibilitychange"));
}

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1_000);

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(1);
  service = new Service();
  state = NOTHING_KNOWN;
  stops = [];
});

afterEach(() => {
  for (const stop of stops) stop();
  setHidden(false);
  vi.useRealTimers();
});

describe("without a stream", () => {
  it("it is asked every two seconds while something is pending, every fifteen else", async () => {
    service.answer = () => PENDING;
    follow();
    await pass(4.5);
    expect(service.asked).toBe(3);

    service.answer = () => CURRENT;
    await pass(2);
    expect(listStates(state)[0]?.status).toBe("current");
    await pass(14);
    expect(service.asked).toBe(4);
    await pass(1);
    expect(service.asked).toBe(5);
  });

  it("what is pending without a score counts as pending", async () => {
    service.answer = () => ({ scores: [], without_score: [TO_COME] });
    follow();
    await pass(2.5);

    expect(service.asked).toBe(2);
  });

  it("it is asked more slowly while that fails, and the old scores stay", async () => {
    follow();
    await pass(0);
    service.answer = () => {
      throw problemOfStatus(503, "the database is away");
    };
    await pass(15);
    expect(state.problem).toMatchObject({ kind: "unreachable", message: "the database is away" });
    expect(listStates(state)).toHaveLength(1);

    // after 4, 8, 16, 30 and 30 seconds
    const before = service.asked;
    await pass(90);
    expect(service.asked - before).toBe(5);
    service.answer = () => CURRENT;
    await pass(30);
    expect(state.problem).toBeNull();
  });

  it("an answer that does not come is given up", async () => {
    service.ask = () => new Promise(() => {});
    follow();
    await pass(30);

    expect(state.problem).toMatchObject({ kind: "unreachable" });
  });

  it("a page that nobody sees asks nothing, and asks at once when it is seen again", async () => {
    follow();
    await pass(1);
    setHidden(true);
    await pass(120);
    expect(service.asked).toBe(1);

    setHidden(false);
    await pass(0);
    expect(service.asked).toBe(2);
  });

  it("it is asked at once when the network is back, and when a reader has asked for something", async () => {
    const following = follow();
    await pass(1);
    window.dispatchEvent(new Event("online"));
    await pass(0);
    following.askNow();
    await pass(0);

    expect(service.asked).toBe(3);
  });

  it.each([
    [401, "signedOut"],
    [403, "forbidden"],
  ])("a refusal with %i is the end", async (status, kind) => {
    service.answer = () => {
      throw Object.assign(new Error("no"), { response: { status, data: { detail: "this needs register:view" } } });
    };
    follow({ streams: true });
    await pass(300);

    expect(state.problem).toMatchObject({ kind, message: "this needs register:view" });
    expect(service.asked).toBe(1);
    expect(service.opened).toHaveLength(1);
    expect(service.signal?.aborted).toBe(true);
  });

  it("nothing is asked and nothing told once it is stopped", async () => {
    const following = follow();
    following.stop();
    await pass(60);

    expect(service.asked).toBe(1);
    expect(state).toBe(NOTHING_KNOWN);
  });
});

describe("with a stream", () => {
  it("events change what is shown, and next to nothing is asked meanwhile but once when it begins", async () => {
    follow({ streams: true });
    await pass(1);
    const before = service.asked;
    service.send(`event: pending\ndata: ${JSON.stringify(PENDING.scores[0])}\nid: a\n\n`);
    await pass(10);
    service.send(
      `event: computed\ndata: ${JSON.stringify({ ...SCORE, sequence: 5000, computed_score: 7 })}\nid: b\n\n`,
    );
    await pass(10);

    expect(listStates(state)[0]).toMatchObject({ status: "current", score: { value: 7 } });
    expect(state.news.at(-1)).toMatchObject({ kind: "computed", scoreType: "PMT_SCORE", value: 7 });
    expect(service.asked).toBe(before);
  });

  it("what no event tells, as that a definition has changed, is asked for each minute", async () => {
    follow({ streams: true });
    await pass(1);
    service.answer = () => ({ scores: [{ ...SCORE, status: "stale" }] });
    for (let beats = 0; beats < 4; beats++) {
      await pass(15);
      service.send(": ping\n\n");
    }
    await pass(1);

    expect(listStates(state)[0]?.status).toBe("stale");
    expect(service.opened).toHaveLength(1);
  });

  it("is let go on a page that nobody sees, and goes on after the last event when it is seen again", async () => {
    follow({ streams: true });
    await pass(6);
    service.send(`event: computed\ndata: ${JSON.stringify(SCORE)}\nid: a\n\n`);
    await pass(1);
    setHidden(true);
    expect(service.signal?.aborted).toBe(true);
    await pass(300);
    expect(service.opened).toEqual([undefined]);

    setHidden(false);
    await pass(0);
    expect(service.opened).toEqual([undefined, "a"]);
    service.send(`event: computed\ndata: ${JSON.stringify({ ...SCORE, sequence: 5000, computed_score: 7 })}\n\n`);
    await pass(0);
    expect(listStates(state)[0]?.score?.value).toBe(7);
  });

  it("is not opened on a page that nobody has seen yet", async () => {
    setHidden(true);
    follow({ streams: true });
    await pass(60);
    expect(service.opened).toHaveLength(0);

    setHidden(false);
    await pass(0);
    expect(service.opened).toHaveLength(1);
  });

  it("that breaks is not opened at once because the network had come back while it was well", async () => {
    service.refusal = new Response("{}", { status: 503 });
    follow({ streams: true });
    await pass(1);
    service.refusal = undefined;
    await pass(2);
    expect(service.opened).toHaveLength(2);
    window.dispatchEvent(new Event("online"));
    await pass(10);
    service.end();
    await pass(0.5);

    expect(service.opened).toHaveLength(2);
    await pass(0.5);
    expect(service.opened).toHaveLength(3);
  });

  it.each(["end", "break"] as const)(
    "when it comes to its %s, it goes on after the last event, and the truth is asked for",
    async (how) => {
      follow({ streams: true });
      await pass(6);
      service.send(`retry: 3000\n\nevent: computed\ndata: ${JSON.stringify(SCORE)}\nid: PMT_SCORE=1.1.c\n\n`);
      await pass(1);
      const before = service.asked;
      service[how]();
      await pass(1);
      expect(service.asked).toBe(before + 1);
      expect(service.opened).toHaveLength(1);

      await pass(2);
      expect(service.opened).toEqual([undefined, "PMT_SCORE=1.1.c"]);
      expect(service.asked).toBe(before + 2);
    },
  );

  it("that is silent for 45 seconds is opened anew; a heartbeat keeps it", async () => {
    follow({ streams: true });
    await pass(30);
    service.send(": ping\n\n");
    await pass(44);
    expect(service.opened).toHaveLength(1);

    await pass(3);
    expect(service.opened).toHaveLength(2);
  });

  it.each([429, 503])(
    "a server that has no room (%i) is left alone as long as it says, and asked meanwhile",
    async (status) => {
      service.refusal = new Response("{}", { status, headers: { "Retry-After": "50" } });
      follow({ streams: true });
      await pass(49);
      expect(service.opened).toHaveLength(1);
      expect(service.asked).toBe(4);
      expect(state.problem).toBeNull();

      service.refusal = undefined;
      await pass(2);
      expect(service.opened).toHaveLength(2);
      const before = service.asked;
      await pass(40);
      expect(service.asked).toBe(before);
    },
  );

  it("a server that has no room is left alone, whatever the network and the page do meanwhile", async () => {
    service.refusal = new Response("{}", { status: 503, headers: { "Retry-After": "50" } });
    follow({ streams: true });
    await pass(10);
    window.dispatchEvent(new Event("online"));
    setHidden(true);
    setHidden(false);
    await pass(39);

    expect(service.opened).toHaveLength(1);
    await pass(2);
    expect(service.opened).toHaveLength(2);
  });

  it("a server that wants to be left alone for longer than there are timers is not asked at once", async () => {
    service.refusal = new Response("{}", { status: 503, headers: { "Retry-After": "3000000" } });
    follow({ streams: true });
    await pass(60);

    expect(service.opened).toHaveLength(1);
  });

  it.each([
    [401, "signedOut"],
    [403, "forbidden"],
  ])("a refusal with %i ends all, and says why", async (status, kind) => {
    service.refusal = new Response(JSON.stringify({ detail: "this needs the permission registerScore:view" }), {
      status,
    });
    follow({ streams: true });
    await pass(300);

    expect(state.problem).toMatchObject({ kind, message: "this needs the permission registerScore:view" });
    expect(service.opened).toHaveLength(1);
    expect(service.asked).toBeLessThanOrEqual(1);
  });

  it("where the answer is no stream, it is asked, and tried more and more seldom", async () => {
    service.refusal = new Response("<html>", { headers: { "Content-Type": "text/html" } });
    service.answer = () => PENDING;
    follow({ streams: true });
    await pass(60);

    // after 2, 4, 8, 16 and 30 seconds
    expect(service.opened).toHaveLength(6);
    expect(service.asked).toBeGreaterThan(29);
  });

  it("an id that the server does not know is not sent again", async () => {
    follow({ streams: true });
    await pass(6);
    service.send(`event: computed\ndata: ${JSON.stringify(SCORE)}\nid: of-another-server\n\n`);
    await pass(1);
    service.refusal = new Response("{}", { status: 422 });
    service.end();
    await pass(10);

    expect(service.opened.slice(0, 3)).toEqual([undefined, "of-another-server", undefined]);
  });

  it("a stream that opens and ends at once is tried more and more seldom", async () => {
    const open = service.openEvents;
    service.openEvents = async (options) => {
      const response = await open(options);
      service.end();
      return response;
    };
    follow({ streams: true });
    await pass(60);

    expect(service.opened.length).toBeLessThan(7);
  });

  it("it is let go when following stops", async () => {
    const following = follow({ streams: true });
    await pass(1);
    following.stop();
    await pass(60);

    expect(service.signal?.aborted).toBe(true);
    expect(service.opened).toHaveLength(1);
  });
});
