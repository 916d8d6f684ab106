import { type RefObject, useEffect, useRef } from "react";

/** Gives what it is put on the focus when trying again has mended things: the button that had it is gone by then. */
export function useFocusWhenMended<Place extends HTMLElement>(
  isTrying: boolean,
  isMended: boolean,
): RefObject<Place | null> {
  const place = useRef<Place>(null);
  const wasTrying = useRef(false);
  useEffect(() => {
    if (wasTrying.current && !isTrying && isMended && isFocusFree()) place.current?.focus();
    wasTrying.current = isTrying;
  }, [isTrying, isMended]);
  return place;
}

/** Nobody works anywhere else on the page. */
export function isFocusFree(but: Element | null = null): boolean {
  const { activeElement, body } = document;
  return activeElement === null || activeElement === body || activeElement === but;
}
