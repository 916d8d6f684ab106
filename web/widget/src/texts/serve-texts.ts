import type { i18n } from "i18next";
import { addScoresTexts, addScoresTextsOf, LANGUAGES, NAMESPACE } from "./texts";

const SERVED = new WeakSet<i18n>();

/** Once for a host's translations: the widget's texts are there when a component asks for them. */
export function serveTexts(translations: i18n): void {
  if (SERVED.has(translations)) return;
  SERVED.add(translations);
  if (translations.modules?.backend === undefined) addScoresTexts(translations);
  else serveBeside(translations);
}

/** i18next asks no backend for a namespace that has texts: the backend's come first, and are filled up as they do. */
function serveBeside(translations: i18n): void {
  const isLoaded = (lng: string) =>
    translations.hasLoadedNamespace(NAMESPACE, { lng, precheck: (_, isSettled) => isSettled(lng, NAMESPACE) });
  translations.on("loaded", (loaded: Record<string, Record<string, boolean>>) => {
    for (const language of LANGUAGES) if (loaded[language]?.[NAMESPACE]) addScoresTextsOf(language, translations);
  });
  if (!translations.isInitialized) return;
  for (const language of LANGUAGES) if (isLoaded(language)) addScoresTextsOf(language, translations);
}
