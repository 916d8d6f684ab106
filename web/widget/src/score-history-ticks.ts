/** Where a time axis is labelled: at whole years, months, days, hours, minutes or seconds of the reader's zone. */

/** The parts of a date that a step counts, as the arguments of `new Date(year, month, day, hour, minute, second)`. */
export type Part = "year" | "month" | "day" | "hour" | "minute" | "second";

const PARTS: readonly Part[] = ["year", "month", "day", "hour", "minute", "second"];
const LENGTHS: Record<Part, number> = {
  year: 31_557_600_000,
  month: 2_629_800_000,
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1_000,
};
const STEPS: readonly (readonly [Part, number])[] = [
  ["second", 1],
  ["second", 5],
  ["second", 15],
  ["minute", 1],
  ["minute", 5],
  ["minute", 15],
  ["hour", 1],
  ["hour", 3],
  ["hour", 6],
  ["day", 1],
  ["day", 2],
  ["day", 7],
  ["month", 1],
  ["month", 3],
  ["year", 1],
  ["year", 2],
  ["year", 5],
  ["year", 10],
];

export interface Ticks {
  at: number[];
  part: Part;
}

/** At most `most` labelled times from `from` to `to`, and perhaps one more. */
export function timeTicks(from: number, to: number, most = 6): Ticks {
  const wide = (to - from) / most;
  const [part, every] = STEPS.find(([one, count]) => LENGTHS[one] * count >= wide) ?? ["year", 50];
  const at: number[] = [];
  const first = floored(from, part, every);
  for (let count = 0; dateOf(first, part, count * every) <= to; count++) at.push(dateOf(first, part, count * every));
  // where clocks are put forward, two steps lead to the same time
  return { at: [...new Set(at)].filter((tick) => tick >= from), part };
}

/** How a label of these ticks is written: midnights among hours as days. */
export function tickFormat(part: Part, at: number): Intl.DateTimeFormatOptions {
  if (part === "year") return { year: "numeric" };
  if (part === "month") return { year: "numeric", month: "short" };
  if (part === "day" || isMidnight(at)) return { month: "short", day: "numeric" };
  return { hour: "numeric", minute: "2-digit", ...(part === "second" && { second: "2-digit" }) };
}

/** The parts of the last whole step before `at`. */
function floored(at: number, part: Part, every: number): number[] {
  const index = PARTS.indexOf(part);
  return fields(at).map((value, place) => {
    const first = place === PARTS.indexOf("day") ? 1 : 0;
    if (place > index) return first;
    return place === index ? value - ((value - first) % every) : value;
  });
}

function fields(at: number): number[] {
  const date = new Date(at);
  return [date.getFullYear(), date.getMonth(), date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds()];
}

/** The time of these parts, one of them moved on. */
function dateOf(parts: readonly number[], part: Part, by: number): number {
  const moved = parts.map((value, place) => (place === PARTS.indexOf(part) ? value + by : value));
  const [year = 0, month = 0, day = 1, hour = 0, minute = 0, second = 0] = moved;
  return new Date(year, month, day, hour, minute, second).getTime();
}

function isMidnight(at: number): boolean {
  const date = new Date(at);
  return date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
}
