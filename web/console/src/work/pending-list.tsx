import { Badge, Group, Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Moment } from "../shell/moment";
import { Paged } from "../shell/paged";
import { Wide } from "../shell/wide";
import { Cause, HeaderRow, RecordLink } from "./cells";
import { LongList } from "./long-list";
import type { Listed, Pending } from "./queries";
import { RunLink } from "./run-link";

const COLUMNS = ["record", "scoreType", "status", "dueAt", "requestedAt", "cause", "runColumn"] as const;
/** What has been due for so long does not come by itself any moment. */
const GRACE_MS = 10_000;

interface PendingListProps {
  registerId: string;
  list: Listed<Pending>;
}

/** What waits for its score, the longest due first. */
export function PendingList({ registerId, list }: PendingListProps) {
  const { t } = useTranslation("work");
  const { query } = list;
  return (
    <>
      <LongList list={list} />
      <Paged query={query} empty={t("nothingPending")}>
        {(rows) => (
          <Wide label={t("pending")}>
            <Table miw={860}>
              <HeaderRow columns={COLUMNS} />
              <Table.Tbody>
                {rows.map((one) => (
                  <Row
                    key={`${one.internal_record_id} ${one.score_type} ${one.sequence}`}
                    registerId={registerId}
                    pending={one}
                    now={query.dataUpdatedAt}
                  />
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        )}
      </Paged>
    </>
  );
}

function Row({ registerId, pending, now }: { registerId: string; pending: Pending; now: number }) {
  const { t } = useTranslation("work");
  const isOverdue = Date.parse(pending.due_at) + GRACE_MS < now;
  return (
    <Table.Tr>
      <Table.Th scope="row" fw="normal">
        <RecordLink registerId={registerId} recordId={pending.internal_record_id} />
      </Table.Th>
      <Table.Td>
        <bdi>{pending.score_type}</bdi>
      </Table.Td>
      <Table.Td>
        <Group gap="xs" wrap="nowrap">
          {t(pending.compute_status)}
          {isOverdue && (
            <Badge color="red" variant="filled" miw="max-content" tt="none">
              {t("overdue")}
            </Badge>
          )}
        </Group>
      </Table.Td>
      <Table.Td>
        <Moment at={pending.due_at} />
      </Table.Td>
      <Table.Td>
        <Moment at={pending.requested_at} />
      </Table.Td>
      <Table.Td>
        <Cause registerId={registerId} changeRequestId={pending.change_request_id} />
      </Table.Td>
      <Table.Td>
        <RunLink workflowId={pending.workflow_id} of={`${pending.score_type} ${pending.internal_record_id}`} />
      </Table.Td>
    </Table.Tr>
  );
}
