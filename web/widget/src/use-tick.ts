import { useEffect, useState } from "react";

/** Another number whenever so much time has gone by. */
export function useTick(everyMs: number): number {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    const ticking = setInterval(() => setTick((before) => before + 1), everyMs);
    return () => clearInterval(ticking);
  }, [everyMs]);
  return tick;
}
