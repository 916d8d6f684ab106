import { Group, MultiSelect, TagsInput, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { AttributeTypes } from "./rules";

interface AttributesInputProps {
  /** Null where the register's attributes are not known: they are typed then. */
  types: AttributeTypes | null;
  value?: string[];
  onChange?: (paths: string[]) => void;
  readOnly: boolean;
}

/** What a score is computed from: dot paths, each once. */
export function AttributesInput({ types, value = [], ...props }: AttributesInputProps) {
  const { t } = useTranslation("definitions");
  const shared = { label: t("attributes"), required: true, value, styles: { pill: { direction: "ltr" } } } as const;
  if (types === null) return <TagsInput {...shared} {...props} description={t("attributesTyped")} splitChars={[","]} />;
  // one that the register has lost stays visible, and can be taken out
  const paths = [...new Set([...Object.keys(types), ...value])].sort();
  return (
    <MultiSelect
      {...shared}
      {...props}
      description={t("attributesChosen")}
      data={paths}
      searchable
      nothingFoundMessage={t("noSuchAttribute")}
      clearButtonProps={{ "aria-label": t("clear") }}
      renderOption={({ option }) => (
        <Group justify="space-between" w="100%" wrap="nowrap">
          <bdi>{option.value}</bdi>
          <Text size="sm" c="dimmed">
            {types[option.value] ?? t("unknownType")}
          </Text>
        </Group>
      )}
    />
  );
}
