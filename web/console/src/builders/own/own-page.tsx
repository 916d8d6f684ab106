import { Anchor, Group, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "../../api/client";
import { useMay } from "../../session/session";
import { Loaded, NoPermission } from "../../shell/faces";
import { Paged } from "../../shell/paged";
import { useMe, useMyCollaborations, useProjects } from "../queries";
import { Invitation } from "./invitation";
import { OwnProject } from "./own-project";
import { ProfileForm } from "./profile-form";
import { ProjectForm } from "./project-form";

/** What is one's own: profile, projects, invitations; for who has none yet, the sign-up. */
export function OwnPage() {
  const { t } = useTranslation("builders");
  const mayTakePart = useMay("builder:participate");
  const me = useMe();
  if (!mayTakePart) return <NoPermission permission="builder:participate" page={t("myProfile")} />;
  return (
    <Stack gap="xl">
      <Title order={1}>{t("myProfile")}</Title>
      <Loaded query={me}>{(user) => (user === null ? <SigningUp /> : <Own user={user} />)}</Loaded>
    </Stack>
  );
}

function SigningUp() {
  const { t } = useTranslation("builders");
  return (
    <>
      <Text>{t("signUpFirst")}</Text>
      <ProfileForm user={null} />
    </>
  );
}

function Own({ user }: { user: Schemas["Profile"] }) {
  const { t } = useTranslation("builders");
  return (
    <>
      <Group>
        <Anchor component={Link} to={`/builders/${user.user_id}`}>
          {t("seePublic")}
        </Anchor>
      </Group>
      <ProfileForm user={user} />
      <Stack component="section">
        <Title order={2}>{t("projects")}</Title>
        <Paged query={useProjects(user.user_id)} empty={t("noProjects")}>
          {(projects) => projects.map((project) => <OwnProject key={project.project_id} project={project} />)}
        </Paged>
        <ProjectForm />
      </Stack>
      <Stack component="section">
        <Title order={2}>{t("invitations")}</Title>
        <Paged query={useMyCollaborations()} empty={t("noInvitations")}>
          {(rows) => rows.map((row) => <Invitation key={row.project_id} collaboration={row} userId={user.user_id} />)}
        </Paged>
      </Stack>
    </>
  );
}
