import { Anchor, Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "../api/client";
import { useMay } from "../session/session";
import { NoPermission } from "../shell/faces";
import { localeFor } from "../shell/locale";
import { Moment } from "../shell/moment";
import { Paged } from "../shell/paged";
import { Wide } from "../shell/wide";
import { changesBetween } from "./attributes";
import { ChangeList } from "./change-list";
import { useVersions } from "./queries";
import { Id } from "./value";

type Version = Schemas["RecordVersion"];

/** The record's versions, newest first, and what changed with each. */
export function Versions({ recordId }: { recordId: string }) {
  return useMay("registerHistory:view") ? (
    <List recordId={recordId} />
  ) : (
    <NoPermission permission="registerHistory:view" />
  );
}

function List({ recordId }: { recordId: string }) {
  const query = useVersions(recordId);
  return (
    <Paged query={query}>
      {/* what changed with the last one is known when the one before it is */}
      {(rows) => <VersionTable rows={rows} count={query.hasNextPage ? rows.length - 1 : rows.length} />}
    </Paged>
  );
}

function VersionTable({ rows, count }: { rows: Version[]; count: number }) {
  const { t, i18n } = useTranslation("records");
  const numbers = new Intl.NumberFormat(localeFor(i18n.language));
  return (
    <Wide label={t("versions")}>
      <Table className="record-stacked" verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("versionNumber")}</Table.Th>
            <Table.Th>{t("whatChanged")}</Table.Th>
            <Table.Th>{t("approvedAt")}</Table.Th>
            <Table.Th>{t("changeRequest")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.slice(0, count).map((row, index) => (
            <Table.Tr key={row.version}>
              <Table.Th scope="row" data-label={t("versionNumber")}>
                {numbers.format(row.version)}
              </Table.Th>
              <Table.Td data-label={t("whatChanged")}>
                <ChangeList changes={changesBetween(rows[index + 1]?.attributes ?? {}, row.attributes)} />
              </Table.Td>
              <Table.Td data-label={t("approvedAt")}>
                <Moment at={row.created_at} />
              </Table.Td>
              <Table.Td data-label={t("changeRequest")}>
                <Anchor component={Link} inherit to={`/change-requests/${encodeURIComponent(row.change_request_id)}`}>
                  <Id>{row.change_request_id}</Id>
                </Anchor>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}
