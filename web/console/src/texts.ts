import i18next, { type i18n } from "i18next";
import { initReactI18next } from "react-i18next";
import * as builders from "./builders/texts";
import * as changeRequests from "./change-requests/texts";
import * as definitions from "./definitions/texts";
import * as records from "./records/texts";
import * as registers from "./registers/texts";
import * as session from "./session/texts";
import * as shell from "./shell/texts";
import * as work from "./work/texts";

/** The other languages have every key of the English texts; plural forms that English lacks may stand beside them. */
export type Translated<English> = Record<keyof English, string> & Record<string, string>;

const FEATURES = { shell, session, registers, records, changeRequests, definitions, work, builders };

export const LANGUAGES = { en: "English", fr: "Français", ar: "العربية" } as const;
export type Language = keyof typeof LANGUAGES;
const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(["ar"]);
const CHOSEN = "steadyscore.language";

export function directionOf(language: string): "ltr" | "rtl" {
  return RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr";
}

/** All texts, in the language that was chosen here before, else the browser's. */
export async function loadTexts(): Promise<i18n> {
  const languages = Object.keys(LANGUAGES) as Language[];
  const wanted = [localStorage.getItem(CHOSEN), ...navigator.languages.map((one) => one.split("-")[0])];
  const translations = i18next.createInstance();
  await translations.use(initReactI18next).init({
    lng: wanted.find((one) => languages.some((language) => language === one)) ?? "en",
    fallbackLng: "en",
    defaultNS: "shell",
    // React escapes
    interpolation: { escapeValue: false },
    resources: Object.fromEntries(
      languages.map((language) => [
        language,
        Object.fromEntries(Object.entries(FEATURES).map(([name, texts]) => [name, texts[language]])),
      ]),
    ),
  });
  translations.on("languageChanged", (language) => localStorage.setItem(CHOSEN, language));
  return translations;
}
