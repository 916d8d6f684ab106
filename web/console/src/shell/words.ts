import { useTranslation } from "react-i18next";
import { Problem } from "../api/problem";

/** Why something failed: in the words of the API, or in the reader's where it gave none. */
export function useWords(): (reason: unknown) => string {
  const { t } = useTranslation("shell");
  return (reason) => {
    if (!(reason instanceof Problem)) return reason instanceof Error ? reason.message : String(reason);
    if (reason.words !== undefined) return reason.words;
    if (reason.isNoAnswer) return t("noAnswer");
    return reason.isTooMuch ? t("askLess") : t("answeredStatus", { status: reason.status });
  };
}
