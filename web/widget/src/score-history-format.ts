import { useMemo } from "react";
import { type Language, useLanguage } from "./language";
import { type Part, tickFormat } from "./score-history-ticks";

/** What the history writes besides: changes of numbers, times to the second, labels of a time axis. */
export interface HistoryLanguage extends Omit<Language, "time"> {
  difference: (value: number) => string;
  time: (at: number) => string;
  tick: (part: Part, at: number) => string;
}

/** Made once for a history, not in each of its rows. */
export function useHistoryLanguage(): HistoryLanguage {
  const language = useLanguage();
  const formats = useMemo(() => formatsOf(language.locale), [language.locale]);
  return { ...language, ...formats };
}

function formatsOf(locale: string | undefined): Pick<HistoryLanguage, "difference" | "time" | "tick"> {
  const difference = new Intl.NumberFormat(locale, { maximumFractionDigits: 2, signDisplay: "exceptZero" });
  const small = new Intl.NumberFormat(locale, { maximumSignificantDigits: 2, signDisplay: "exceptZero" });
  const time = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
  return {
    difference: (value) => (Math.abs(value) < 0.1 ? small : difference).format(value),
    time: (at) => time.format(at),
    tick: (part, at) => new Intl.DateTimeFormat(locale, tickFormat(part, at)).format(at),
  };
}
