import { type RefObject, useEffect, useRef } from "react";
import { useLocation } from "react-router";

const TYPED_INTO = "input, textarea, select, [contenteditable]";

/** The document is named after its heading, and who goes to another page is put at that heading: by keyboard and by ear. */
export function usePageChange(content: RefObject<HTMLElement | null>, product: string) {
  const { pathname } = useLocation();
  const shown = useRef(pathname);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another language names the product otherwise, the page stays
  useEffect(() => {
    const main = content.current;
    if (main === null) return;
    const isOther = shown.current !== pathname;
    shown.current = pathname;
    let isToBeFocused = isOther && !main.querySelector(`:is(${TYPED_INTO}):focus`);
    if (isToBeFocused) main.focus({ preventScroll: true });
    const look = () => {
      const heading = main.querySelector("h1");
      document.title = heading?.textContent ? `${heading.textContent} – ${product}` : product;
      if (heading === null || !isToBeFocused) return;
      // somebody who has gone on by now stays there
      if (document.activeElement === main) focusOn(heading);
      isToBeFocused = false;
    };
    look();
    // a page that loads has no heading yet
    const observer = new MutationObserver(look);
    observer.observe(main, { childList: true, subtree: true, characterData: true });
    if (isOther) window.scrollTo(0, 0);
    return () => observer.disconnect();
  }, [pathname, product]);
}

function focusOn(heading: HTMLElement) {
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
