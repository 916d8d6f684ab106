import { Anchor, Group, Paper, Stack, Table, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import type { Schemas } from "../api/client";
import { type Change, changesAskedFor, isSame } from "../records/attributes";
import { useRecord } from "../records/queries";
import { Path, Value } from "../records/value";
import { useRegister } from "../registers/queries";
import { useMay } from "../session/session";
import { Loaded, NoPermission } from "../shell/faces";
import { Moment } from "../shell/moment";
import { Wide } from "../shell/wide";
import { Decision } from "./decision";
import { useChangeRequest } from "./queries";
import { StatusBadge } from "./status-badge";

type ChangeRequest = Schemas["ChangeRequest"];

/** One change request: what it changes, beside what the record holds now. */
export function ChangeRequestPage() {
  const { t } = useTranslation("changeRequests");
  const { changeRequestId = "" } = useParams();
  const may = useMay("changeRequest:view");
  return (
    <Stack>
      <Title order={1} style={{ overflowWrap: "anywhere" }}>
        {t("changeRequest")} <Path>{changeRequestId}</Path>
      </Title>
      {may ? <Asked key={changeRequestId} id={changeRequestId} /> : <NoPermission permission="changeRequest:view" />}
    </Stack>
  );
}

function Asked({ id }: { id: string }) {
  return (
    <Loaded query={useChangeRequest(id)}>
      {(asked) => (
        <>
          <Facts asked={asked} />
          {asked.status === "PENDING" && <Decision changeRequestId={asked.change_request_id} />}
          <Changes asked={asked} />
        </>
      )}
    </Loaded>
  );
}

function Facts({ asked }: { asked: ChangeRequest }) {
  const { t } = useTranslation("changeRequests");
  const register = useRegister(asked.register_id);
  return (
    <Paper withBorder p="md">
      <Stack gap="xs">
        <Group gap="xs">
          <StatusBadge status={asked.status} />
          {asked.decided_at !== null && <Moment at={asked.decided_at} />}
        </Group>
        <Text size="sm">
          {t("createdAt")}: <Moment at={asked.created_at} />
        </Text>
        <Text size="sm">
          {t("register")}:{" "}
          <Anchor component={Link} underline="always" to={`/registers/${encodeURIComponent(asked.register_id)}`}>
            {register.data?.register_mnemonic ?? <Path>{asked.register_id}</Path>}
          </Anchor>
        </Text>
        <Text size="sm">
          {t("record")}:{" "}
          {asked.internal_record_id === null ? (
            t("newRecord")
          ) : (
            <Anchor component={Link} underline="always" to={`/records/${encodeURIComponent(asked.internal_record_id)}`}>
              <Path>{asked.internal_record_id}</Path>
            </Anchor>
          )}
        </Text>
      </Stack>
    </Paper>
  );
}

/** The record need not be there, nor be permitted: what is asked for is shown all the same. */
function Changes({ asked }: { asked: ChangeRequest }) {
  const { t } = useTranslation("changeRequests");
  const record = useRecord(asked.internal_record_id);
  const may = useMay("registerRecord:view");
  const hasRecord = asked.internal_record_id !== null;
  const changes = changesAskedFor(asked.change_payload, record.data?.attributes ?? {});
  return (
    <Stack gap="sm">
      <Title order={2}>{t("changes")}</Title>
      {hasRecord && !may && <NoPermission permission="registerRecord:view" />}
      {hasRecord && may && record.data === undefined && <Loaded query={record}>{() => null}</Loaded>}
      <ChangeTable changes={changes} isBeside={record.data !== undefined} />
    </Stack>
  );
}

function ChangeTable({ changes, isBeside }: { changes: Change[]; isBeside: boolean }) {
  const { t } = useTranslation("changeRequests");
  return (
    <Wide label={t("changes")}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("attribute")}</Table.Th>
            {isBeside && <Table.Th>{t("now")}</Table.Th>}
            <Table.Th>{t("askedFor")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {changes.map(({ path, before, after }) => (
            <Table.Tr key={path}>
              <Table.Th scope="row" fw={500}>
                <Path>{path}</Path>
              </Table.Th>
              {isBeside && (
                <Table.Td>
                  <Value value={before} />
                </Table.Td>
              )}
              <Table.Td fw={isBeside && !isSame(before, after) ? 700 : undefined}>
                <Value value={after} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}
