import type { i18n } from "i18next";
import { ar } from "./ar";
import { en } from "./en";
import { fr } from "./fr";

export const NAMESPACE = "scores-display";

/** The other languages have every key of the English texts; plural forms that English lacks may stand beside them. */
export type Translated = Record<keyof typeof en, string> & Record<string, string>;

export const TEXTS = { en, fr, ar };

/** Adds the widget's texts to a host's translations. What the host says in this namespace itself stays. */
export function addScoresTexts(translations: i18n): void {
  for (const [language, texts] of Object.entries(TEXTS))
    translations.addResourceBundle(language, NAMESPACE, texts, true, false);
}
