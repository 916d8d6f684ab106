import { Anchor, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { BUILDERS } from "../definitions/queries";
import { useMay } from "../session/session";

/** In two lines rather than four: as wide as a UUID up to its last dash. */
const SHOWN_ID = {
  display: "inline-block",
  fontFamily: "var(--mantine-font-family-monospace)",
  minInlineSize: "24ch",
  overflowWrap: "anywhere",
} as const;

interface RecordLinkProps {
  registerId: string;
  recordId: string;
}

/** To the record, or to the builder. */
export function RecordLink({ registerId, recordId }: RecordLinkProps) {
  const isBuilder = registerId === BUILDERS;
  const mayRecords = useMay("registerRecord:view");
  const mayBuilders = useMay("builder:view");
  const shown = (
    <bdi dir="ltr" style={SHOWN_ID}>
      {recordId}
    </bdi>
  );
  if (isBuilder ? !mayBuilders : !mayRecords) return shown;
  const path = isBuilder ? "builders" : "records";
  return (
    <Anchor component={Link} to={`/${path}/${encodeURIComponent(recordId)}`} size="sm">
      {shown}
    </Anchor>
  );
}

const RECOMPUTATION = "recompute:";

/** What asked for the score. */
export function Cause({ registerId, changeRequestId }: { registerId: string; changeRequestId: string }) {
  const { t } = useTranslation("work");
  const may = useMay("changeRequest:view");
  if (changeRequestId.startsWith(RECOMPUTATION)) return <Text size="sm">{t("recomputation")}</Text>;
  const shown = <bdi dir="ltr">{changeRequestId}</bdi>;
  // builders change themselves
  if (!may || registerId === BUILDERS) return shown;
  return (
    <Anchor component={Link} to={`/change-requests/${encodeURIComponent(changeRequestId)}`} size="sm">
      {shown}
    </Anchor>
  );
}

export function HeaderRow({ columns }: { columns: readonly string[] }) {
  const { t } = useTranslation("work");
  return (
    <Table.Thead>
      <Table.Tr>
        {columns.map((column) => (
          <Table.Th key={column} scope="col">
            {t(column)}
          </Table.Th>
        ))}
      </Table.Tr>
    </Table.Thead>
  );
}
