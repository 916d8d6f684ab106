import { useLayoutEffect, useRef } from "react";

/** What a component was last rendered with, for what goes on while it is there. */
export function useLatest<Value>(value: Value): { readonly current: Value } {
  const latest = useRef(value);
  useLayoutEffect(() => {
    latest.current = value;
  });
  return latest;
}
