import { Code, Text, VisuallyHidden } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { localeFor } from "../shell/locale";
import "./records.css";

/** A value of a record, as its reader writes such values; within a line, lists stay in it. */
export function Value({ value, isInline = false }: { value: unknown; isInline?: boolean }) {
  const { t, i18n } = useTranslation("records");
  if (value === undefined || value === null)
    return (
      <Text span c="dimmed" inherit>
        {t("noValue")}
      </Text>
    );
  if (typeof value === "boolean") return <>{t(value ? "yes" : "no")}</>;
  if (typeof value === "number")
    return <bdi>{new Intl.NumberFormat(localeFor(i18n.language), { maximumFractionDigits: 20 }).format(value)}</bdi>;
  if (typeof value === "string") return <bdi style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{value}</bdi>;
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item !== "object"))
    return isInline ? <bdi>{inOneLine(value, localeFor(i18n.language))}</bdi> : <Items items={value} />;
  return (
    <Code dir="ltr" style={{ overflowWrap: "anywhere" }}>
      {JSON.stringify(value)}
    </Code>
  );
}

function inOneLine(items: unknown[], language: string): string {
  return new Intl.ListFormat(language, { type: "unit", style: "short" }).format(items.map(String));
}

function Items({ items }: { items: unknown[] }) {
  return (
    <ul className="record-items">
      {items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: items have no identity but their place
        <li key={index}>
          <Value value={item} />
        </li>
      ))}
    </ul>
  );
}

/** A name as the register spells it; it reads left to right in any language. */
export function Path({ children }: { children: string }) {
  return (
    <bdi dir="ltr" style={{ overflowWrap: "break-word" }}>
      {children}
    </bdi>
  );
}

const SHORT = 20;

/** An id in a table: a short one whole, of a long one both ends, so that it leaves room for the rest. */
export function Id({ children }: { children: string }) {
  if (children.length <= SHORT)
    return (
      <bdi dir="ltr" className="record-id">
        {children}
      </bdi>
    );
  return (
    <bdi dir="ltr" className="record-id" title={children}>
      <span aria-hidden="true">
        {children.slice(0, 8)}…{children.slice(-6)}
      </span>
      <VisuallyHidden>{children}</VisuallyHidden>
    </bdi>
  );
}
