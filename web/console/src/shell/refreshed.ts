import type { InfiniteData } from "@tanstack/react-query";

/** How often what others may change meanwhile is looked at again. */
export const REFRESHED_AFTER = 15_000;

/** For a list of pages: the more of them are loaded, the more seldom they are asked for, as all of them are. */
export function pagesRefreshedAfter({
  state,
}: {
  state: { data?: InfiniteData<unknown, unknown> | undefined };
}): number {
  return REFRESHED_AFTER * Math.max(1, state.data?.pages.length ?? 1);
}
