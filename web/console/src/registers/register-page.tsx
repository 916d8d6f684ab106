import { Anchor, Box, Button, CloseButton, Group, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { Path } from "../records/value";
import { useMay } from "../session/session";
import { NoPermission } from "../shell/faces";
import { localeFor } from "../shell/locale";
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
        <Anchor component={Link} size="sm" to={`/definitions?register=${id}`}>
          {t("definitions")}
        </Anchor>
      )}
      {maySeeWork && (
        <Anchor component={Link} size="sm" to={`/work?register=${id}`}>
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
      <Search words={words} onSearch={setWords} />
      <Count query={query} />
      <Paged query={query} empty={t(words === "" ? "noRecords" : "noMatch")}>
        {(rows) => <RecordTable rows={rows} declared={register?.attributes ?? {}} />}
      </Paged>
    </Stack>
  );
}

/** There before it has anything to say: what comes with its words is not read aloud. */
function Count({ query }: { query: ReturnType<typeof useRecords> }) {
  const { t, i18n } = useTranslation("registers");
  const number = new Intl.NumberFormat(localeFor(i18n.language)).format(query.data?.length ?? 0);
  return (
    <Text role="status" size="sm" c="dimmed">
      {query.data !== undefined && t(query.hasNextPage ? "firstShown" : "allShown", { number })}
    </Text>
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
  const field = useRef<HTMLInputElement>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setText(text.trim());
    onSearch(text.trim());
  };
  const clear = () => {
    setText("");
    onSearch("");
    // the button goes away
    field.current?.focus();
  };
  return (
    <Box component="form" role="search" onSubmit={submit}>
      <Group align="flex-end" wrap="nowrap">
        <TextInput
          ref={field}
          style={{ flexGrow: 1 }}
          maw={420}
          label={t("search")}
          description={t("searchMeans")}
          value={text}
          maxLength={200}
          autoComplete="off"
          onChange={(event) => setText(event.currentTarget.value)}
          rightSection={text !== "" && <CloseButton aria-label={t("clearSearch")} onClick={clear} />}
        />
        <Button type="submit" variant="default" flex="none">
          {t("find")}
        </Button>
      </Group>
    </Box>
  );
}
