import { Anchor, Badge, Card, Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "../api/client";
import { Moment } from "../shell/moment";
import { useNumber } from "./numbers";

/** A project with what it amounts to and who works on it. */
export function ProjectCard({ project, children }: { project: Schemas["Project"]; children?: ReactNode }) {
  const { t } = useTranslation("builders");
  const number = useNumber();
  const metrics = (["active_users", "downloads", "stars"] as const).filter((one) => project.impact[one] > 0);
  return (
    <Card withBorder component="article">
      <Stack gap="xs">
        <Group justify="space-between">
          <Title order={3} size="h4">
            <bdi>{project.title}</bdi>
          </Title>
          <Group gap="xs">
            {project.shipped_at !== null && <Moment at={project.shipped_at} />}
            <Badge variant={project.status === "shipped" ? "filled" : "default"} tt="none">
              {t(project.status)}
            </Badge>
          </Group>
        </Group>
        {project.summary && (
          <Text>
            <bdi>{project.summary}</bdi>
          </Text>
        )}
        {metrics.length > 0 && (
          <Text size="sm">{metrics.map((one) => `${number(project.impact[one])} ${t(one)}`).join(", ")}</Text>
        )}
        {project.collaborators.length > 0 && (
          <Group gap="xs">
            <Text size="sm" c="dimmed">
              {t("collaborators")}
            </Text>
            {project.collaborators.map(({ user, status }) => (
              <Text key={user.user_id} size="sm" component="span">
                <Anchor component={Link} to={`/builders/${user.user_id}`} size="sm">
                  <bdi>{user.display_name}</bdi>
                </Anchor>
                {status !== "confirmed" && status !== "removed" && ` (${t(status)})`}
              </Text>
            ))}
          </Group>
        )}
        {children}
      </Stack>
    </Card>
  );
}
