import { Alert, Button, Code, CopyButton, Group, Paper, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import type { Problem } from "../api/problem";

const COMMAND = ".venv/bin/steadyscore token";

interface SignInProps {
  problem: Problem | null;
  provider?: Schemas["Surroundings"]["provider"];
  onSignIn?: () => void;
  onToken?: (token: string) => void;
  onRetry?: () => void;
}

/** The first page: to the provider, or a place to paste a development token; why, where one was sent back here. */
export function SignIn({ problem, provider, onSignIn, onToken, onRetry }: SignInProps) {
  const { t } = useTranslation("shell");
  return (
    <main className="sign-in">
      <Paper withBorder p="xl" maw={460} w="100%">
        <Stack>
          <Title order={1} size="h2">
            {t("product")}
          </Title>
          {problem !== null && (
            <Alert color="red" role="alert" title={t(problem.isPassing ? "unreachable" : "notSignedIn")}>
              {problem.message}
            </Alert>
          )}
          {onRetry && <Button onClick={onRetry}>{t("tryAgain")}</Button>}
          {provider && <Button onClick={onSignIn}>{t("signIn")}</Button>}
          {provider === null && onToken && <PasteToken onToken={onToken} />}
        </Stack>
      </Paper>
    </main>
  );
}

function PasteToken({ onToken }: { onToken: (token: string) => void }) {
  const { t } = useTranslation("shell");
  const [token, setToken] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token.trim() !== "") onToken(token);
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text>{t("howToGetToken")}</Text>
        <Group wrap="nowrap">
          <Code block flex={1}>
            {COMMAND}
          </Code>
          <CopyButton value={COMMAND}>
            {({ copied, copy }) => (
              <Button variant="default" size="xs" onClick={copy}>
                {t(copied ? "copied" : "copy")}
              </Button>
            )}
          </CopyButton>
        </Group>
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
