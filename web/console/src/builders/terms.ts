import * as z from "zod/mini";

/** The terms of the formula, in the order in which they are shown. */
export const TERMS = ["shipped_projects", "vouches", "impact", "key_fields"] as const;
export type TermName = (typeof TERMS)[number];

export interface Term {
  name: TermName;
  points: number;
  /** What it would be without its cap. */
  uncapped: number;
  counted: Record<string, number>;
}

const BREAKDOWN = z.record(
  z.string(),
  z.object({ points: z.number(), uncapped: z.number(), counted: z.record(z.string(), z.number()) }),
);

/** A score's terms; null where the score does not tell, as one that an older version stored. */
export function termsOf(breakdown: unknown): Term[] | null {
  const told = BREAKDOWN.safeParse(breakdown);
  if (!told.success) return null;
  return TERMS.flatMap((name) => {
    const term = told.data[name];
    return term === undefined ? [] : [{ name, ...term }];
  });
}

/** `impact.stars` → `stars`; what is counted under the term's own name has none. */
export function metricOf(counted: string): string | null {
  return counted.startsWith("impact.") ? counted.slice("impact.".length) : null;
}
