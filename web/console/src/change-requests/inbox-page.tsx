import { Group, NativeSelect, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { namesOf } from "../registers/names";
import { useRegisters } from "../registers/queries";
import { useMay } from "../session/session";
import { NoPermission } from "../shell/faces";
import { Paged } from "../shell/paged";
import { ChangeRequestTable } from "./change-request-table";
import { type Status, useChangeRequests, type Wanted } from "./queries";

const STATUSES: Status[] = ["PENDING", "APPROVED", "REJECTED"];

/** What waits for approval in all registers; of one register also what was decided. */
export function InboxPage() {
  const { t } = useTranslation("changeRequests");
  const may = useMay("changeRequest:view");
  return (
    <Stack>
      <Title order={1}>{t("title")}</Title>
      {may ? <Inbox /> : <NoPermission permission="changeRequest:view" />}
    </Stack>
  );
}

function Inbox() {
  const { t } = useTranslation("changeRequests");
  const [wanted, setWanted] = useState<Wanted>({ status: "PENDING" });
  const query = useChangeRequests(wanted);
  const names = useRegisterNames();
  return (
    <>
      <Filters wanted={wanted} names={names} onChange={setWanted} />
      <Paged query={query} empty={t(wanted.status === "PENDING" ? "nothingWaits" : "nothingSuch")}>
        {(rows) => <ChangeRequestTable label={t("title")} rows={rows} registers={names} hasRecords />}
      </Paged>
    </>
  );
}

interface FiltersProps {
  wanted: Wanted;
  names: ReadonlyMap<string, string>;
  onChange: (wanted: Wanted) => void;
}

function Filters({ wanted, names, onChange }: FiltersProps) {
  const { t } = useTranslation("changeRequests");
  const { register_id, status } = wanted;
  // what was decided is listed by register only
  const chooseRegister = (id: string) =>
    onChange(id === "" ? { status: "PENDING" } : { register_id: id, ...(status && { status }) });
  const chooseStatus = (chosen: string) =>
    onChange({ ...(register_id && { register_id }), ...(chosen !== "" && { status: chosen as Status }) });
  return (
    <Group align="flex-end">
      <NativeSelect
        label={t("register")}
        value={register_id ?? ""}
        onChange={(event) => chooseRegister(event.currentTarget.value)}
        data={[{ value: "", label: t("allRegisters") }, ...[...names].map(([value, label]) => ({ value, label }))]}
      />
      {register_id === undefined ? (
        <Text size="sm" c="dimmed" pb={8}>
          {t("onlyWaiting")}
        </Text>
      ) : (
        <NativeSelect
          label={t("status")}
          value={status ?? ""}
          onChange={(event) => chooseStatus(event.currentTarget.value)}
          data={[{ value: "", label: t("anyStatus") }, ...STATUSES.map((value) => ({ value, label: t(value) }))]}
        />
      )}
    </Group>
  );
}

function useRegisterNames(): ReadonlyMap<string, string> {
  const { data = [] } = useRegisters();
  return namesOf(data);
}
