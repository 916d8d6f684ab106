import { Anchor, Box, Button, CloseButton, Group, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { Path } from "../records/value";
import { useMay } from "../session/session";
import { NoPermission } from "../shell/faces";
import { Paged } from "../shell/paged";
import { useRecords, useRegister } from "./queries";
import { RecordTable } from "./record-table";

/** A register: its records, and the ways to what else belongs to it. */
export function RegisterPage() {
  const { t } = useTranslation("registers");
  const { registerId = "" } = useParams();
  const { data: register } = useRegister(registerId);
  const mayView = useMay("registerRecord:view");
  return (
    <Stack key={registerId}>
      <div>
        <Title order={1}>{register === undefined ? t("register") : <bdi>{register.register_mnemonic}</bdi>}</Title>
        <Text c="dimmed" size="sm">
          <Path>{registerId}</Path>
        </Text>
      </div>
      <Ways registerId={registerId} isFedHere={register?.hook_sender === null} />
      {register?.hook_sender != null && <Text size="sm">{t("fedFrom", { sender: register.hook_sender })}</Text>}
      {mayView ? <Records registerId={registerId} /> : <NoPermission permission="registerRecord:view" />}
    </Stack>
  );
}

function Ways({ registerId, isFedHere }: { registerId: string; isFedHere: boolean }) {
  const { t } = useTranslation("registers");
  const mayCreate = useMay("changeRequest:create");
  const maySeeDefinitions = useMay("registerDefinition:view");
  const maySeeWork = useMay("registerScore:view");
  const id = encodeURIComponent(registerId);
  return (
    <Group>
      {mayCreate && isFedHere && (
        <Button component={Link} to={`/registers/${id}/new-record`} size="compact-md">
          {t("newRecord")}
        </Button>
      )}
      {maySeeDefinitions && (
        <Anchor component={Link} to={`/definitions?register=${id}`}>
          {t("definitions")}
        </Anchor>
      )}
      {maySeeWork && (
        <Anchor component={Link} to={`/work?register=${id}`}>
          {t("work")}
        </Anchor>
      )}
    </Group>
  );
}

function Records({ registerId }: { registerId: string }) {
  const { t } = useTranslation("registers");
  const [words, setWords] = useSearchWords(registerId);
  const query = useRecords(registerId, words);
  const { data: register } = useRegister(registerId);
  return (
    <Stack>
      <Title order={2}>{t("records")}</Title>
      <Search key={words} words={words} onSearch={setWords} />
      <Paged query={query} empty={t(words === "" ? "noRecords" : "noMatch")}>
        {(rows) => <RecordTable rows={rows} declared={register?.attributes ?? {}} isPart={query.hasNextPage} />}
      </Paged>
    </Stack>
  );
}

/** What was searched for last, for who comes back; in memory only, as words can be somebody's name. */
function useSearchWords(registerId: string) {
  const queries = useQueryClient();
  const key = ["search-words", registerId];
  const [words, setWords] = useState(() => queries.getQueryData<string>(key) ?? "");
  const keep = (chosen: string) => {
    queries.setQueryData(key, chosen);
    setWords(chosen);
  };
  return [words, keep] as const;
}

function Search({ words, onSearch }: { words: string; onSearch: (words: string) => void }) {
  const { t } = useTranslation("registers");
  const [text, setText] = useState(words);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSearch(text.trim());
  };
  return (
    <Box component="form" role="search" onSubmit={submit}>
      <Group align="flex-end" wrap="nowrap">
        <TextInput
          style={{ flexGrow: 1 }}
          maw={420}
          label={t("search")}
          description={t("searchMeans")}
          value={text}
          maxLength={200}
          autoComplete="off"
          onChange={(event) => setText(event.currentTarget.value)}
          rightSection={text !== "" && <CloseButton aria-label={t("clearSearch")} onClick={() => onSearch("")} />}
        />
        <Button type="submit" variant="default">
          {t("find")}
        </Button>
      </Group>
    </Box>
  );
}
