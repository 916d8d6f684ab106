import { Anchor, Button, Group, Stack, Table, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "../api/client";
import { Id } from "../records/value";
import { useMay } from "../session/session";
import { Empty, Loaded, NoPermission } from "../shell/faces";
import { localeFor } from "../shell/locale";
import { Moment } from "../shell/moment";
import { Wide } from "../shell/wide";
import { useRegisters } from "./queries";

/** All registers. */
export function RegistersPage() {
  const { t } = useTranslation("registers");
  const may = useMay("register:view");
  const mayManage = useMay("register:manage");
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1}>{t("title")}</Title>
        {mayManage && (
          <Button component={Link} to="/registers/new">
            {t("create")}
          </Button>
        )}
      </Group>
      {may ? <List /> : <NoPermission permission="register:view" />}
    </Stack>
  );
}

function List() {
  const { t } = useTranslation("registers");
  return (
    <Loaded query={useRegisters()}>
      {(rows) => (rows.length > 0 ? <RegisterTable rows={rows} /> : <Empty>{t("none")}</Empty>)}
    </Loaded>
  );
}

function RegisterTable({ rows }: { rows: Schemas["Register"][] }) {
  const { t, i18n } = useTranslation("registers");
  const numbers = new Intl.NumberFormat(localeFor(i18n.language));
  return (
    <Wide label={t("title")}>
      <Table miw={640} verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("mnemonic")}</Table.Th>
            <Table.Th>{t("purpose")}</Table.Th>
            <Table.Th>{t("attributes")}</Table.Th>
            <Table.Th>{t("createdAt")}</Table.Th>
            <Table.Th>{t("id")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.register_id}>
              <Table.Th scope="row" fw={500}>
                <Anchor component={Link} inherit to={`/registers/${encodeURIComponent(row.register_id)}`}>
                  <bdi>{row.register_mnemonic}</bdi>
                </Anchor>
              </Table.Th>
              <Table.Td>{t(`purpose_${row.register_purpose}`)}</Table.Td>
              <Table.Td>{numbers.format(Object.keys(row.attributes).length)}</Table.Td>
              <Table.Td>
                <Moment at={row.created_at} />
              </Table.Td>
              <Table.Td c="dimmed">
                <Id>{row.register_id}</Id>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}
