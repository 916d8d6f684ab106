import { Code, List, Stack, Table, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { type Change, changesBetween } from "../records/attributes";
import { Moment } from "../shell/moment";
import { Paged } from "../shell/paged";
import { Wide } from "../shell/wide";
import { isObject } from "./formulas";
import { useHistory } from "./queries";

type Event = Schemas["DefinitionEvent"];

/** Who did what to a definition, and when. */
export function History({ definitionId }: { definitionId: string }) {
  const { t } = useTranslation("definitions");
  const history = useHistory(definitionId);
  return (
    <Stack component="section">
      <Title order={2} size="h3" mt="lg">
        {t("history")}
      </Title>
      <Paged query={history} empty={t("noHistory")}>
        {(events) => (
          <Wide label={t("history")}>
            <Table miw={680} verticalSpacing="sm">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">{t("when")}</Table.Th>
                  <Table.Th scope="col">{t("who")}</Table.Th>
                  <Table.Th scope="col">{t("what")}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {events.map((event) => (
                  <Row key={`${event.occurred_at} ${event.action} ${JSON.stringify(event.details)}`} event={event} />
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        )}
      </Paged>
    </Stack>
  );
}

function Row({ event }: { event: Event }) {
  const { t } = useTranslation("definitions");
  return (
    <Table.Tr style={{ verticalAlign: "top" }}>
      <Table.Td>
        <Moment at={event.occurred_at} />
      </Table.Td>
      <Table.Td>
        <bdi>{event.username ?? event.actor}</bdi>
        <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
          {t("by", { source: event.source })}
        </Text>
      </Table.Td>
      <Table.Td>
        <Text size="sm" fw={500}>
          {t(event.action)}
        </Text>
        <Changes changes={changesIn(event.details)} />
      </Table.Td>
    </Table.Tr>
  );
}

/** What differs; of a definition that began or ended only that. */
export function changesIn(details: Event["details"]): Change[] {
  const { before, after } = details;
  return isObject(before) && isObject(after) ? changesBetween(before, after) : [];
}

function Changes({ changes }: { changes: Change[] }) {
  const { t } = useTranslation("definitions");
  if (changes.length === 0) return null;
  return (
    <List size="sm" listStyleType="none">
      {changes.map(({ path, before, after }) => (
        <List.Item key={path}>
          <bdi>{path}</bdi>: <Value value={before} /> {t("becomes")} <Value value={after} />
        </List.Item>
      ))}
    </List>
  );
}

function Value({ value }: { value: unknown }) {
  const { t } = useTranslation("definitions");
  return value === undefined ? (
    t("none")
  ) : (
    <Code dir="ltr" style={{ overflowWrap: "anywhere", whiteSpace: "normal" }}>
      {JSON.stringify(value)}
    </Code>
  );
}
