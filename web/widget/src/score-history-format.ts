import { useMemo } from "react";
import { type Language, scoreFormat, useLanguage } from "./language";
import { type Part, tickFormat } from "./score-history-ticks";

/** What the history writes besides: changes of numbers, times to the second, labels of the axes. */
export interface HistoryLanguage extends Omit<Language, "time"> {
  difference: (value: number, decimals: 0 | 2) => string;
  mark: (value: number) => string;
  time: (at: number) => string;
  tick: (part: Part, at: number) => string;
}

/** Made once for a history, not in each of its rows. */
export function useHistoryLanguage(): HistoryLanguage {
  const language = useLanguage();
  const formats = useMemo(() => formatsOf(language.locale), [language.locale]);
  return { ...language, ...formats };
}

function formatsOf(locale: string | undefined): Pick<HistoryLanguage, "difference" | "mark" | "time" | "tick"> {
  const mark = new Intl.NumberFormat(locale, { maximumSignificantDigits: 6 });
  const time = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
  return {
    difference: scoreFormat(locale, { signDisplay: "exceptZero" }),
    mark: (value) => mark.format(value),
    time: (at) => time.format(at),
    tick: (part, at) => new Intl.DateTimeFormat(locale, tickFormat(part, at)).format(at),
  };
}
