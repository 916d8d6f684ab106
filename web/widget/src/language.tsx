import { createInstance, type i18n } from "i18next";
import { type ReactNode, use, useMemo } from "react";
import { getI18n, I18nContext, I18nextProvider, useTranslation } from "react-i18next";
import { en } from "./texts/en";
import { addScoresTexts, NAMESPACE } from "./texts/texts";

type TextName = keyof typeof en;
export type Texts = (name: TextName, values?: Record<string, string | number>) => string;

const SERVED = new WeakSet<i18n>();
let ownTranslations: i18n | undefined;

/** The host's translations, with this widget's texts among them; English where the host has none. */
export function TextsProvider({ children }: { children: ReactNode }) {
  const translations = use(I18nContext)?.i18n ?? getI18n() ?? english();
  if (!SERVED.has(translations)) {
    addScoresTexts(translations);
    SERVED.add(translations);
  }
  return (
    <I18nextProvider i18n={translations} defaultNS={NAMESPACE}>
      {children}
    </I18nextProvider>
  );
}

function english(): i18n {
  if (ownTranslations === undefined) {
    ownTranslations = createInstance();
    void ownTranslations.init({
      // American or British: how times are written
      lng: navigator.languages.find((language) => language.startsWith("en")) ?? "en",
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
  score(value: number): string;
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
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
  const small = new Intl.NumberFormat(locale, { maximumSignificantDigits: 2 });
  const time = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  return {
    // a score of 0.004 is none of 0
    score: (value) => (Math.abs(value) < 0.1 ? small : number).format(value),
    time: (at) => time.format(new Date(at)),
  };
}

/** As Intl takes it; i18next also takes `en_US` and languages that do not exist. */
function localeOf(language: string | undefined): string | undefined {
  try {
    return Intl.getCanonicalLocales(language?.replaceAll("_", "-") ?? [])[0];
  } catch {
    return undefined;
  }
}
