import { Alert, Button, Center, Group, Loader, Stack, Text, Title } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Problem } from "../api/problem";
import type { Permission } from "../session/session";
import { useWords } from "./words";

/** One of the faces of what is asked for: it comes, it is not permitted, it failed, it is there. */
export function Loaded<T>({ query, children }: { query: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  const { t } = useTranslation("shell");
  if (query.data !== undefined) return children(query.data);
  if (query.isPending)
    return (
      <Center p="xl">
        <Loader aria-label={t("loading")} />
      </Center>
    );
  return <Refused reason={query.error} onRetry={() => void query.refetch()} />;
}

/** Why something is not shown, and what can be done about it. */
export function Refused({ reason, onRetry }: { reason: unknown; onRetry?: () => void }) {
  const { t } = useTranslation("shell");
  const problem = reason instanceof Problem ? reason : null;
  const words = useWords();
  return (
    <Alert role="alert" color={problem?.isForbidden ? "yellow" : "red"} title={t(titleOf(problem))}>
      <Text size="sm">{words(reason)}</Text>
      {onRetry && !problem?.isForbidden && (
        <Group mt="sm">
          <Button size="xs" variant="default" onClick={onRetry}>
            {t("tryAgain")}
          </Button>
        </Group>
      )}
    </Alert>
  );
}

function titleOf(problem: Problem | null) {
  if (problem?.isForbidden) return "noPermission";
  if (problem?.isNoAnswer) return "unreachable";
  return problem?.isTooMuch ? "tooMuch" : "somethingFailed";
}

/** In the place of what the token does not permit; known without asking. With the page's title where it is all of a page. */
export function NoPermission({ permission, page }: { permission: Permission; page?: string }) {
  const { t } = useTranslation("shell");
  const face = (
    <Alert role="alert" color="yellow" title={t("noPermission")}>
      {t("needs", { permission })}
    </Alert>
  );
  if (page === undefined) return face;
  return (
    <Stack>
      <Title order={1}>{page}</Title>
      {face}
    </Stack>
  );
}

export function Empty({ children }: { children?: ReactNode }) {
  const { t } = useTranslation("shell");
  return (
    <Text c="dimmed" ta="center" p="xl">
      {children ?? t("nothingHere")}
    </Text>
  );
}
