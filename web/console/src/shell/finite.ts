/** What stands in a field for a number; null for nothing, and for what is not one yet, such as "-". */
export function finite(typed: number | string): number | null {
  if (typeof typed === "string" && typed.trim() === "") return null;
  const number = Number(typed);
  return Number.isFinite(number) ? number : null;
}
