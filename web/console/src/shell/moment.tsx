import { useTranslation } from "react-i18next";
import { localeFor } from "./locale";

/** A time in the reader's language and zone. */
export function Moment({ at }: { at: string }) {
  const { i18n } = useTranslation();
  const shown = new Intl.DateTimeFormat(localeFor(i18n.language), { dateStyle: "medium", timeStyle: "short" });
  return (
    <time dateTime={at} style={{ whiteSpace: "nowrap" }}>
      {shown.format(new Date(at))}
    </time>
  );
}
