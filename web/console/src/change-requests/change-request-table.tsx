import { Anchor, Stack, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "../api/client";
import { type Attributes, changesAskedFor, flatten } from "../records/attributes";
import { ChangeList } from "../records/change-list";
import { Id, Path } from "../records/value";
import { localeFor } from "../shell/locale";
import { Moment } from "../shell/moment";
import { Wide } from "../shell/wide";
import { Decision } from "./decision";
import { StatusBadge } from "./status-badge";

type ChangeRequest = Schemas["ChangeRequest"];

/** Changes of one change request; who wants to see, and decide, more of them opens it. */
const SHOWN = 10;

interface ChangeRequestTableProps {
  label: string;
  rows: ChangeRequest[];
  /** The record that all of them change, as it is now; without it only what is asked for is told. */
  record?: Attributes | undefined;
  /** Names of registers by id; given where there are several. */
  registers?: ReadonlyMap<string, string> | undefined;
  /** Whether to tell which record each changes. */
  hasRecords?: boolean;
}

export function ChangeRequestTable({ label, rows, record, registers, hasRecords = false }: ChangeRequestTableProps) {
  const { t } = useTranslation("changeRequests");
  return (
    <Wide label={label}>
      <Table className="record-stacked" verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("changeRequest")}</Table.Th>
            {registers && <Table.Th>{t("register")}</Table.Th>}
            {hasRecords && <Table.Th>{t("record")}</Table.Th>}
            <Table.Th>{t("changes")}</Table.Th>
            <Table.Th>{t("status")}</Table.Th>
            <Table.Th>{t("createdAt")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.change_request_id}>
              <Table.Th scope="row" fw={500}>
                <Anchor component={Link} inherit to={`/change-requests/${encodeURIComponent(row.change_request_id)}`}>
                  <Id>{row.change_request_id}</Id>
                </Anchor>
              </Table.Th>
              {registers && (
                <Table.Td data-label={t("register")}>
                  {registers.get(row.register_id) ?? <Id>{row.register_id}</Id>}
                </Table.Td>
              )}
              {hasRecords && (
                <Table.Td data-label={t("record")}>
                  <RecordLink id={row.internal_record_id} />
                </Table.Td>
              )}
              <Table.Td data-label={t("changes")}>
                <Asked row={row} record={record} />
              </Table.Td>
              <Table.Td data-label={t("status")}>
                <Stack gap={6} align="flex-start">
                  <StatusBadge status={row.status} />
                  {row.status === "PENDING" && isShownWhole(row) && (
                    <Decision changeRequestId={row.change_request_id} />
                  )}
                </Stack>
              </Table.Td>
              <Table.Td data-label={t("createdAt")}>
                <Moment at={row.created_at} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

/** What still waits, beside what is there now where that is known; of what was decided, names: the record has moved on. */
function Asked({ row, record }: { row: ChangeRequest; record: Attributes | undefined }) {
  const { t, i18n } = useTranslation("changeRequests");
  if (row.status !== "PENDING") return <Path>{[...flatten(row.change_payload).keys()].join(", ")}</Path>;
  const changes = changesAskedFor(row.change_payload, record ?? {});
  const number = new Intl.NumberFormat(localeFor(i18n.language)).format(changes.length);
  return (
    <>
      <ChangeList changes={changes.slice(0, SHOWN)} isBeside={record !== undefined} />
      {!isShownWhole(row) && (
        <Anchor component={Link} inherit to={`/change-requests/${encodeURIComponent(row.change_request_id)}`}>
          {t("allChanges", { number })}
        </Anchor>
      )}
    </>
  );
}

/** Nothing is decided unseen. */
function isShownWhole(row: ChangeRequest): boolean {
  return flatten(row.change_payload).size <= SHOWN;
}

function RecordLink({ id }: { id: string | null }) {
  const { t } = useTranslation("changeRequests");
  if (id === null)
    return (
      <Text size="sm" c="dimmed">
        {t("newRecord")}
      </Text>
    );
  return (
    <Anchor component={Link} inherit to={`/records/${encodeURIComponent(id)}`}>
      <Id>{id}</Id>
    </Anchor>
  );
}
