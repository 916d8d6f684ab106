import { Button, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Moment } from "../shell/moment";
import type { Listed } from "./queries";

/** Of a list that is too long to be asked for again and again: how old it is, and asking for it anew. */
export function LongList<Row>({ list: { query, isLong } }: { list: Listed<Row> }) {
  const { t } = useTranslation("work");
  if (!isLong) return null;
  return (
    <Group gap="sm">
      <Text size="sm" c="dimmed">
        {t("notRefreshed")} <Moment at={new Date(query.dataUpdatedAt).toISOString()} />
      </Text>
      <Button size="xs" variant="default" loading={query.isRefetching} onClick={() => void query.refetch()}>
        {t("refresh")}
      </Button>
    </Group>
  );
}
