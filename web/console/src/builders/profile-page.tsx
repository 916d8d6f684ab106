import { Anchor, Badge, Group, Stack, Text, Title } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import type { Schemas } from "../api/client";
import { useMay } from "../session/session";
import { Loaded, NoPermission } from "../shell/faces";
import { Moment } from "../shell/moment";
import { Paged } from "../shell/paged";
import { useNumber } from "./numbers";
import { PastScores } from "./past-scores";
import { ProjectCard } from "./project-card";
import { useAround, useProfile, useProjects } from "./queries";

/** The widget comes with what draws it: only who may look at scores pays for it. */
const LiveScore = lazy(() => import("./live-score"));

export function ProfilePage() {
  const { t } = useTranslation("builders");
  const { userId = "" } = useParams();
  const mayLook = useMay("builder:view", "builder:participate");
  const profile = useProfile(userId);
  if (!mayLook) return <NoPermission permission="builder:view" page={t("title")} />;
  return <Loaded query={profile}>{(user) => <ProfileView key={user.user_id} user={user} />}</Loaded>;
}

function ProfileView({ user }: { user: Schemas["Profile"] }) {
  const { t } = useTranslation("builders");
  const maySeeScores = useMay("registerScore:view", "register:view");
  return (
    <Stack gap="xl">
      <Facts user={user} />
      <PastScores user={user} />
      {maySeeScores && (
        <Stack component="section" gap="xs">
          <Title order={2}>{t("live")}</Title>
          <Suspense>
            <LiveScore userId={user.user_id} />
          </Suspense>
        </Stack>
      )}
      <Stack component="section">
        <Title order={2}>{t("projects")}</Title>
        <Paged query={useProjects(user.user_id)} empty={t("noProjects")}>
          {(projects) => projects.map((project) => <ProjectCard key={project.project_id} project={project} />)}
        </Paged>
      </Stack>
    </Stack>
  );
}

function Facts({ user }: { user: Schemas["Profile"] }) {
  const { t } = useTranslation("builders");
  const number = useNumber();
  const rank = useAround(user.user_id).data?.find((row) => row.user_id === user.user_id)?.rank;
  return (
    <Stack gap="xs">
      <Title order={1}>
        <bdi>{user.display_name}</bdi>
      </Title>
      <Text c="dimmed">
        <bdi dir="ltr">@{user.username}</bdi>
      </Text>
      {user.headline && (
        <Text size="lg">
          <bdi>{user.headline}</bdi>
        </Text>
      )}
      <Group gap="xl">
        <Figure name={t("score")}>{number(user.builder_score)}</Figure>
        {rank !== undefined && <Figure name={t("rank")}>{number(rank)}</Figure>}
        <Anchor component={Link} to={`/builders?around=${user.user_id}`}>
          {t("aroundThisOne")}
        </Anchor>
      </Group>
      {user.bio && (
        <Text dir="auto" style={{ whiteSpace: "pre-line" }}>
          {user.bio}
        </Text>
      )}
      {user.skills.length > 0 && (
        <Group gap={6} role="group" aria-label={t("skills")}>
          {user.skills.map((skill) => (
            <Badge key={skill} variant="default" tt="none">
              <bdi>{skill}</bdi>
            </Badge>
          ))}
        </Group>
      )}
      <Group gap="lg">
        {user.location && <Fact name={t("location")}>{user.location}</Fact>}
        {user.website && (
          <Fact name={t("website")}>
            <Anchor href={user.website} rel="noreferrer noopener" target="_blank" dir="ltr">
              {user.website}
            </Anchor>
          </Fact>
        )}
        <Fact name={t("since")}>
          <Moment at={user.created_at} />
        </Fact>
      </Group>
    </Stack>
  );
}

function Figure({ name, children }: { name: string; children: string }) {
  return (
    <Text component="div">
      <Text span c="dimmed">
        {name}{" "}
      </Text>
      <Text span fw={700} size="xl">
        {children}
      </Text>
    </Text>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <Text size="sm" component="div">
      <Text span c="dimmed" size="sm">
        {name}{" "}
      </Text>
      <bdi>{children}</bdi>
    </Text>
  );
}
