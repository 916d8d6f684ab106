import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { localeFor } from "../shell/locale";

/** Writes numbers as the reader's language does; with `signed`, tells a rise by its sign, too. */
export function useNumber(signed = false): (value: number) => string {
  const { language } = useTranslation().i18n;
  return useMemo(() => {
    const format = new Intl.NumberFormat(localeFor(language), signed ? { signDisplay: "exceptZero" } : {});
    return (value) => format.format(value);
  }, [language, signed]);
}
