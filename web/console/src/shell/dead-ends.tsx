import { Button, Code, Group, Stack, Text, Title } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, Navigate, useRouteError } from "react-router";
import { useSession } from "../session/session";
import { Empty } from "./faces";
import { placesFor } from "./places";

/** The first page that the token permits. */
export function Home() {
  const { t } = useTranslation("shell");
  const [first] = placesFor(useSession().bearer.permissions);
  return first === undefined ? <Empty>{t("nowhereToGo")}</Empty> : <Navigate to={first.path} replace />;
}

export function NotFound() {
  const { t } = useTranslation("shell");
  return (
    <Stack align="flex-start">
      <Title order={1}>{t("noSuchPage")}</Title>
      <Text>{t("noSuchPageRemedy")}</Text>
      <Button component={Link} to="/" variant="default">
        {t("toTheStart")}
      </Button>
    </Stack>
  );
}

/** In the place of a page that broke; the way to all others stays. */
export function BrokenPage() {
  return <Broken error={useRouteError()} />;
}

/** In the place of everything, where what stands around the pages broke. */
export class LastResort extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    return this.state.error === null ? (
      this.props.children
    ) : (
      <main className="sign-in">
        <Broken error={this.state.error} />
      </main>
    );
  }
}

function Broken({ error }: { error: unknown }) {
  const { t } = useTranslation("shell");
  return (
    <Stack align="flex-start" role="alert">
      <Title order={1}>{t("broken")}</Title>
      <Text>{t("brokenRemedy")}</Text>
      {error instanceof Error && (
        <Code block dir="ltr">
          {error.name}
        </Code>
      )}
      <Group>
        <Button onClick={() => window.location.reload()}>{t("reload")}</Button>
        <Button variant="default" component="a" href="#/">
          {t("toTheStart")}
        </Button>
      </Group>
    </Stack>
  );
}
