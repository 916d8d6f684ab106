import { NativeSelect, Text, Textarea, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { TypeName } from "./attribute-list";
import { Path } from "./value";

interface AttributeFieldProps {
  path: string;
  type: string;
  /** As it stood when the form was opened. */
  initial: string;
  text: string;
  error: string | undefined;
  onChange: (text: string) => void;
}

/** The field that suits the attribute's type; emptied, it removes the value. */
export function AttributeField({ path, type, initial, text, error, onChange }: AttributeFieldProps) {
  const { t } = useTranslation("records");
  const shared = {
    label: (
      <>
        <Path>{path}</Path>
        <TypeName type={type} />
      </>
    ),
    value: text,
    error,
    description: text === "" && initial !== "" ? <Text span>{t("isRemoved")}</Text> : undefined,
    autoComplete: "off",
    onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
  };
  if (type === "boolean")
    return (
      <NativeSelect
        {...shared}
        data={[
          { value: "", label: t("noValue") },
          { value: "true", label: t("yes") },
          { value: "false", label: t("no") },
        ]}
      />
    );
  if (type === "list")
    return <Textarea {...shared} description={shared.description ?? t("listMeans")} rows={rowsOf(text)} dir="auto" />;
  if (type === "number" || type === "integer")
    return <TextInput {...shared} inputMode={type === "integer" ? "numeric" : "decimal"} dir="ltr" />;
  // a field of one line would lose line breaks
  return initial.includes("\n") ? (
    <Textarea {...shared} rows={rowsOf(text)} dir="auto" />
  ) : (
    <TextInput {...shared} dir="auto" />
  );
}

function rowsOf(text: string): number {
  return Math.min(12, Math.max(2, text.split("\n").length));
}
