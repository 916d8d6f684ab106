import { Button, Code, Stack, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useMay } from "../session/session";
import { Moment } from "../shell/moment";
import { Paged } from "../shell/paged";
import { Wide } from "../shell/wide";
import { useWords } from "../shell/words";
import { Cause, HeaderRow, RecordLink } from "./cells";
import { LongList } from "./long-list";
import { type Failed, type Listed, useRetry } from "./queries";
import { RetryAll } from "./retry-all";
import { RunLink } from "./run-link";

const COLUMNS = ["record", "scoreType", "why", "failedAt", "cause", "runColumn"] as const;

interface FailedListProps {
  registerId: string;
  list: Listed<Failed>;
}

/** What got no score, and why; who may asks for it again. */
export function FailedList({ registerId, list }: FailedListProps) {
  const { t } = useTranslation("work");
  const { query } = list;
  const may = useMay("registerScore:edit");
  return (
    <>
      {/* outside of the list: it tells how it went when the list is empty */}
      {may && <RetryAll rows={query.data ?? []} />}
      <LongList list={list} />
      <Paged query={query} empty={t("nothingFailed")}>
        {(rows) => (
          <Wide label={t("failed")}>
            <Table miw={900} verticalSpacing="sm">
              <HeaderRow columns={may ? [...COLUMNS, "actions"] : COLUMNS} />
              <Table.Tbody>
                {rows.map((one) => (
                  <Row
                    key={`${one.internal_record_id} ${one.score_type} ${one.sequence}`}
                    registerId={registerId}
                    failed={one}
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

function Row({ registerId, failed }: { registerId: string; failed: Failed }) {
  const may = useMay("registerScore:edit");
  return (
    <Table.Tr style={{ verticalAlign: "top" }}>
      <Table.Th scope="row" fw="normal">
        <RecordLink registerId={registerId} recordId={failed.internal_record_id} />
      </Table.Th>
      <Table.Td>
        <bdi>{failed.score_type}</bdi>
      </Table.Td>
      <Table.Td maw={320}>
        {failed.error_code !== null && <Code dir="ltr">{failed.error_code}</Code>}
        <Text size="sm">
          <bdi>{failed.reason}</bdi>
        </Text>
      </Table.Td>
      <Table.Td>
        <Moment at={failed.failed_at} />
      </Table.Td>
      <Table.Td>
        <Cause registerId={registerId} changeRequestId={failed.change_request_id} />
      </Table.Td>
      <Table.Td>
        <RunLink workflowId={failed.workflow_id} of={`${failed.score_type} ${failed.internal_record_id}`} />
      </Table.Td>
      {may && (
        <Table.Td>
          <Retry failed={failed} />
        </Table.Td>
      )}
    </Table.Tr>
  );
}

function Retry({ failed }: { failed: Failed }) {
  const { t } = useTranslation("work");
  const retry = useRetry();
  const words = useWords();
  const { score_type: scoreType, internal_record_id: record } = failed;
  return (
    <Stack gap={4} align="flex-start">
      <Button
        size="compact-sm"
        variant="default"
        aria-label={t("retryOf", { scoreType, record })}
        loading={retry.isPending}
        onClick={() => retry.mutate(failed)}
      >
        {t("retry")}
      </Button>
      {retry.error !== null && (
        <Text size="xs" role="alert" c="var(--mantine-color-error)">
          {words(retry.error)}
        </Text>
      )}
    </Stack>
  );
}
