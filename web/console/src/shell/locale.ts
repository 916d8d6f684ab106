/** The page's language as it is written where the reader is, for Intl: of `en` American or British is told by the browser. */
export function localeFor(language: string): string {
  return navigator.languages.find((one) => one.startsWith(`${language}-`) && isLocale(one)) ?? language;
}

/** Some browsers name systems' locales, such as `en-US@posix`, which Intl does not take. */
function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length > 0;
  } catch {
    return false;
  }
}
