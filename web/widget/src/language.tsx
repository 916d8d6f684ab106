import { createInstance, type i18n } from "i18next";
import { type ReactNode, Suspense, use, useMemo } from "react";
import { getI18n, I18nContext, I18nextProvider, useTranslation } from "react-i18next";
import { fewestDecimals, isLost, MOST_DECIMALS } from "./decimals";
import { en } from "./texts/en";
import { serveTexts } from "./texts/serve-texts";
import { NAMESPACE } from "./texts/texts";

type TextName = keyof typeof en;
export type Texts = (name: TextName, values?: Record<string, string | number>) => string;

let ownTranslations: i18n | undefined;

/** The host's translations, with this widget's texts among them; English where the host has none. */
export function TextsProvider({ children }: { children: ReactNode }) {
  const translations = use(I18nContext)?.i18n ?? getI18n() ?? english();
  serveTexts(translations);
  return (
    <I18nextProvider i18n={translations} defaultNS={NAMESPACE}>
      <Suspense fallback={null}>{children}</Suspense>
    </I18nextProvider>
  );
}

function english(): i18n {
  if (ownTranslations === undefined) {
    ownTranslations = createInstance();
    void ownTranslations.init({
      lng: "en",
      fallbackLng: "en",
      resources: {},
      interpolation: { escapeValue: false },
      initAsync: false,
    });
  }
  return ownTranslations;
}

export interface Language {
  t: Texts;
  direction: "ltr" | "rtl";
  locale: string | undefined;
  /** With at least so many decimals; else as one that stands alone. */
  score(value: number, decimals?: 0 | 2): string;
  time(at: string): string;
}

/** Texts, numbers and times as the reader's language writes them, in the reader's zone. */
export function useLanguage(): Language {
  const { t, i18n } = useTranslation(NAMESPACE);
  const locale = localeOf(i18n.language);
  const formats = useMemo(() => formatsOf(locale), [locale]);
  const texts: Texts = (name, values) =>
    t(name, { defaultValue: en[name], interpolation: { escapeValue: false }, ...values });
  return { t: texts, direction: i18n.dir(locale), locale, ...formats };
}

function formatsOf(locale: string | undefined): Pick<Language, "score" | "time"> {
  const number = scoreFormat(locale);
  const time = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  return {
    score: (value, decimals = fewestDecimals([value])) => number(value, decimals),
    time: (at) => time.format(new Date(at)),
  };
}

/** How scores are written, and with a sign what lies between two; of 0.00001 it does not make 0. */
export function scoreFormat(locale: string | undefined, signs: Pick<Intl.NumberFormatOptions, "signDisplay"> = {}) {
  const small = new Intl.NumberFormat(locale, { maximumSignificantDigits: 2, ...signs });
  const numberOf = (fewest: 0 | 2) =>
    new Intl.NumberFormat(locale, { minimumFractionDigits: fewest, maximumFractionDigits: MOST_DECIMALS, ...signs });
  const numbers = { 0: numberOf(0), 2: numberOf(2) };
  return (value: number, fewest: 0 | 2) => (isLost(value) ? small : numbers[fewest]).format(value);
}

/** The host's language, as they write it where the reader is: of `en` American or British is told by the browser. */
function localeOf(language: string | undefined): string | undefined {
  const locale = canonical(language);
  if (locale === undefined || locale.includes("-")) return locale;
  return navigator.languages.map(canonical).find((one) => one?.startsWith(`${locale}-`)) ?? locale;
}

/** As Intl takes it; i18next also takes `en_US` and languages that do not exist. */
function canonical(language: string | undefined): string | undefined {
  try {
    return Intl.getCanonicalLocales(language?.replaceAll("_", "-") ?? [])[0];
  } catch {
    return undefined;
  }
}
