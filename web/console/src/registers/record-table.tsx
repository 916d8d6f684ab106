import { Anchor, Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "../api/client";
import { readPath } from "../records/attributes";
import { Id, Path, Value } from "../records/value";
import { Moment } from "../shell/moment";
import { Wide } from "../shell/wide";

const COLUMNS = 4;

interface RecordTableProps {
  rows: Schemas["Record"][];
  declared: Readonly<Record<string, string>>;
}

export function RecordTable({ rows, declared }: RecordTableProps) {
  const { t } = useTranslation("registers");
  const columns = telling(declared);
  return (
    <Wide label={t("records")}>
      <Table miw={720}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("record")}</Table.Th>
            {columns.map((path) => (
              <Table.Th key={path}>
                <Path>{path}</Path>
              </Table.Th>
            ))}
            <Table.Th>{t("changedAt")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.internal_record_id}>
              <Table.Th scope="row" fw={500}>
                <Anchor component={Link} to={`/records/${encodeURIComponent(row.internal_record_id)}`} size="sm">
                  <Id>{row.internal_record_id}</Id>
                </Anchor>
              </Table.Th>
              {columns.map((path) => (
                <Table.Td key={path} miw={140}>
                  <Value value={readPath(row.attributes, path)} />
                </Table.Td>
              ))}
              <Table.Td>
                <Moment at={row.updated_at} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

/** The attributes by which people know a record: texts before numbers, those on top before nested ones. */
function telling(declared: Readonly<Record<string, string>>): string[] {
  const rank = (path: string) => (declared[path] === "text" ? 0 : 1) + path.split(".").length / 100;
  return Object.keys(declared)
    .filter((path) => declared[path] !== "list")
    .sort((one, other) => rank(one) - rank(other) || one.localeCompare(other))
    .slice(0, COLUMNS);
}
