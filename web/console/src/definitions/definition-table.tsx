import { Anchor, Group, Pill, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { localeFor } from "../shell/locale";
import { Moment } from "../shell/moment";
import { Wide } from "../shell/wide";
import { EnabledSwitch } from "./enabled-switch";
import type { Definition } from "./rules";

const COLUMNS = ["scoreType", "attributes", "version", "enabled", "debounce", "changedAt"] as const;

export function DefinitionTable({ definitions }: { definitions: Definition[] }) {
  const { t } = useTranslation("definitions");
  return (
    <Wide label={t("title")}>
      <Table miw={860} verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            {COLUMNS.map((column) => (
              <Table.Th key={column} scope="col">
                {t(column)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {definitions.map((one) => (
            <Row key={one.score_definition_id} definition={one} />
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

function Row({ definition }: { definition: Definition }) {
  return (
    <Table.Tr>
      <Table.Th scope="row">
        <Anchor component={Link} to={pathOf(definition)}>
          <bdi>{definition.score_type}</bdi>
        </Anchor>
      </Table.Th>
      <Table.Td>
        <Attributes paths={definition.contributing_attributes} />
      </Table.Td>
      <Table.Td>{definition.version}</Table.Td>
      <Table.Td>
        <EnabledSwitch definition={definition} />
      </Table.Td>
      <Table.Td>
        <DebounceText definition={definition} />
      </Table.Td>
      <Table.Td>
        <Moment at={definition.updated_at} />
      </Table.Td>
    </Table.Tr>
  );
}

export function pathOf({ register_id, score_definition_id }: Definition): string {
  return `/definitions/${encodeURIComponent(register_id)}/${encodeURIComponent(score_definition_id)}`;
}

export function Attributes({ paths }: { paths: string[] }) {
  const { t } = useTranslation("definitions");
  if (paths.length === 0) return <Text size="sm">{t("none")}</Text>;
  return (
    <Group gap={6}>
      {paths.map((path) => (
        <Pill key={path} dir="ltr">
          {path}
        </Pill>
      ))}
    </Group>
  );
}

function DebounceText({ definition }: { definition: Definition }) {
  const { t, i18n } = useTranslation("definitions");
  const seconds = new Intl.NumberFormat(localeFor(i18n.language), { style: "unit", unit: "second" });
  const { quiet_period, max_wait } = definition.debounce;
  return (
    <Text size="sm">{t("debounceText", { quiet: seconds.format(quiet_period), max: seconds.format(max_wait) })}</Text>
  );
}
