import type { i18n } from "i18next";
import { ar } from "./ar";
import { en } from "./en";
import { fr } from "./fr";

export const NAMESPACE = "scores-display";

/** The other languages have every key of the English texts; plural forms that English lacks may stand beside them. */
export type Translated = Record<keyof typeof en, string> & Record<string, string>;

export const TEXTS = { en, fr, ar };

type TextLanguage = keyof typeof TEXTS;

export const LANGUAGES = Object.keys(TEXTS) as TextLanguage[];

/** Adds the widget's texts to a host's translations. What the host says in this namespace itself stays. */
export function addScoresTexts(translations: i18n): void {
  for (const language of LANGUAGES) addScoresTextsOf(language, translations);
}

export function addScoresTextsOf(language: TextLanguage, translations: i18n): void {
  translations.addResourceBundle(language, NAMESPACE, TEXTS[language], true, false);
}
