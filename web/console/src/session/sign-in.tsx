import { Alert, Button, Code, CopyButton, Group, Paper, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import type { Trouble } from "./trouble";

const SIGNS_IN = ".venv/bin/steadyscore console";
const MAKES_TOKEN = ".venv/bin/steadyscore token";
/** Asking again may help at once. */
const PASSING: ReadonlySet<Trouble["text"]> = new Set(["serverUnreachable", "providerUnreachable"]);

interface SignInProps {
  trouble: Trouble | null;
  provider?: Schemas["Surroundings"]["provider"];
  onSignIn?: () => void;
  onToken?: (token: string) => void;
  onRetry?: () => void;
  onSignOut?: () => void;
}

/** The first page: to the provider, or a place to paste a development token; why, where one was sent back here. */
export function SignIn({ trouble, provider, onSignIn, onToken, onRetry, onSignOut }: SignInProps) {
  const { t } = useTranslation("session");
  return (
    <main className="sign-in">
      <Paper withBorder p="xl" maw={480} w="100%">
        <Stack>
          <Title order={1} size="h2">
            {t("title")}
          </Title>
          {trouble !== null && <WhyOut trouble={trouble} />}
          {onRetry && trouble !== null && PASSING.has(trouble.text) && (
            <Button variant="default" onClick={onRetry}>
              {t("tryAgain")}
            </Button>
          )}
          {provider && <Button onClick={onSignIn}>{t("signIn")}</Button>}
          {provider && onSignOut && trouble?.text === "permitsNothing" && (
            <Button variant="default" onClick={onSignOut}>
              {t("asSomebodyElse")}
            </Button>
          )}
          {provider === null && onToken && <PasteToken onToken={onToken} />}
        </Stack>
      </Paper>
    </main>
  );
}

function WhyOut({ trouble }: { trouble: Trouble }) {
  const { t } = useTranslation("session");
  return (
    <Alert color={trouble.text === "sessionIsOver" ? "yellow" : "red"} role="alert" title={t(trouble.text)}>
      <Text size="sm">{t(`${trouble.text}Remedy`)}</Text>
      {trouble.detail !== undefined && (
        <Text size="sm" c="dimmed" mt={4}>
          <bdi>{trouble.detail}</bdi>
        </Text>
      )}
    </Alert>
  );
}

function PasteToken({ onToken }: { onToken: (token: string) => void }) {
  const { t } = useTranslation("session");
  const [token, setToken] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token.trim() !== "") onToken(token);
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text>{t("howToSignIn")}</Text>
        <Command command={SIGNS_IN} />
        <Text>{t("howToGetToken")}</Text>
        <Command command={MAKES_TOKEN} />
        <PasswordInput
          label={t("token")}
          autoComplete="off"
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
        />
        <Button type="submit" disabled={token.trim() === ""}>
          {t("signIn")}
        </Button>
      </Stack>
    </form>
  );
}

function Command({ command }: { command: string }) {
  const { t } = useTranslation("session");
  return (
    <Group wrap="nowrap" gap="xs">
      <Code block flex={1} miw={0} dir="ltr" tabIndex={0}>
        {command}
      </Code>
      <CopyButton value={command}>
        {({ copied, copy }) => (
          <Button variant="default" size="xs" onClick={copy} aria-label={t("copyCommand", { command })} flex="none">
            {t(copied ? "copied" : "copy")}
          </Button>
        )}
      </CopyButton>
    </Group>
  );
}
