import { Button, CloseButton, Fieldset, Group, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { localeFor } from "../shell/locale";
import { type AttributeRow, type AttributeType, MAX_ATTRIBUTES, TYPES } from "./register-draft";

interface AttributeRowsProps {
  rows: AttributeRow[];
  errorOf: (row: AttributeRow) => string | undefined;
  onChange: (rows: AttributeRow[]) => void;
}

/** Name and type of each attribute; at least one. */
export function AttributeRows({ rows, errorOf, onChange }: AttributeRowsProps) {
  const { t } = useTranslation("registers");
  const change = (changed: AttributeRow) => onChange(rows.map((row) => (row.key === changed.key ? changed : row)));
  const add = () =>
    onChange([...rows, { key: Math.max(0, ...rows.map((row) => row.key)) + 1, path: "", type: "text" }]);
  return (
    <Fieldset legend={t("attributes")}>
      <Stack>
        <Text size="sm" c="dimmed">
          {t("attributesMean")}
        </Text>
        {rows.map((row, index) => (
          <Row
            key={row.key}
            row={row}
            number={index + 1}
            error={errorOf(row)}
            onChange={change}
            onRemove={rows.length > 1 ? () => onChange(rows.filter((one) => one.key !== row.key)) : undefined}
          />
        ))}
        <Group>
          <Button variant="default" size="compact-md" onClick={add} disabled={rows.length >= MAX_ATTRIBUTES}>
            {t("addAttribute")}
          </Button>
        </Group>
      </Stack>
    </Fieldset>
  );
}

interface RowProps {
  row: AttributeRow;
  number: number;
  error: string | undefined;
  onChange: (row: AttributeRow) => void;
  onRemove: (() => void) | undefined;
}

function Row({ row, number, error, onChange, onRemove }: RowProps) {
  const { t, i18n } = useTranslation(["registers", "records"]);
  const shown = new Intl.NumberFormat(localeFor(i18n.language)).format(number);
  return (
    <Group align="flex-start" gap="xs">
      <TextInput
        style={{ flex: "1 1 14rem" }}
        label={t("attributeName", { number: shown })}
        value={row.path}
        error={error}
        autoComplete="off"
        spellCheck={false}
        dir="ltr"
        onChange={(event) => onChange({ ...row, path: event.currentTarget.value })}
      />
      <NativeSelect
        label={t("attributeType", { number: shown })}
        value={row.type}
        onChange={(event) => onChange({ ...row, type: event.currentTarget.value as AttributeType })}
        data={TYPES.map((value) => ({ value, label: t(`records:type_${value}`) }))}
      />
      <CloseButton
        mt={28}
        aria-label={t("removeAttribute", { number: shown })}
        disabled={onRemove === undefined}
        onClick={onRemove}
      />
    </Group>
  );
}
