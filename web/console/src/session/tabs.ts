/** What tabs of one browser tell each other; pages of other origins hear nothing of it. */
type Message = { kind: "ask" } | { kind: "token"; token: string } | { kind: "out"; subject: string };

const CHANNEL = "steadyscore.session";
const PATIENCE_MS = 150;

/** The token of another tab that was pasted there; null where no tab answers. */
export async function askOtherTabs(): Promise<string | null> {
  const channel = open();
  const token = await new Promise<string | null>((answer) => {
    channel.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data.kind === "token") answer(data.token);
    };
    setTimeout(() => answer(null), PATIENCE_MS);
    channel.postMessage({ kind: "ask" } satisfies Message);
  });
  channel.close();
  return token;
}

/** Tells the other tabs that this one has left. */
export function tellSignedOut(subject: string): void {
  const channel = open();
  channel.postMessage({ kind: "out", subject } satisfies Message);
  channel.close();
}

interface Listening {
  subject: string;
  /** What a new tab is given; null where each tab signs in by itself. */
  shared: () => string | null;
  onSignedOut: () => void;
}

/** Answers tabs that ask, and hears where the same person left elsewhere; returns how to stop. */
export function listenToTabs({ subject, shared, onSignedOut }: Listening): () => void {
  const channel = open();
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    const token = shared();
    if (data.kind === "ask" && token !== null) channel.postMessage({ kind: "token", token } satisfies Message);
    if (data.kind === "out" && data.subject === subject) onSignedOut();
  };
  return () => channel.close();
}

function open(): BroadcastChannel {
  return new BroadcastChannel(CHANNEL);
}
