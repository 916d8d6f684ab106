import { Button, Group, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Api, answered, type Schemas } from "../../api/client";
import { Problem } from "../../api/problem";
import { Refused } from "../../shell/faces";
import { ProjectCard } from "../project-card";
import { endCollaboration, findByUsername, useDeed } from "../queries";
import { isUsername } from "../usernames";
import { ProjectForm } from "./project-form";

type Project = Schemas["Project"];

/** A project of one's own: to change, to invite to, to remove people from. */
export function OwnProject({ project }: { project: Project }) {
  const { t } = useTranslation("builders");
  const [isOpen, setIsOpen] = useState(false);
  if (isOpen) return <ProjectForm project={project} onDone={() => setIsOpen(false)} />;
  return (
    <ProjectCard project={project}>
      <Group align="flex-end" gap="xs">
        <Button variant="default" size="xs" onClick={() => setIsOpen(true)}>
          {t("edit")}
        </Button>
        {project.collaborators.map(({ user }) => (
          <Remove key={user.user_id} project={project} user={user} />
        ))}
      </Group>
      <Invite project={project} />
    </ProjectCard>
  );
}

function Remove({ project, user }: { project: Project; user: Schemas["ShortProfile"] }) {
  const { t } = useTranslation("builders");
  const remove = useDeed((api) => endCollaboration(api, project.project_id, user.user_id));
  return (
    <>
      <Button
        variant="default"
        size="xs"
        h="auto"
        mih={30}
        py={4}
        styles={{ label: { lineHeight: 1.4, overflowWrap: "anywhere", whiteSpace: "normal" } }}
        loading={remove.isPending}
        onClick={() => remove.mutate(undefined)}
      >
        {t("remove", { name: user.display_name })}
      </Button>
      {remove.isError && <Refused reason={remove.error} />}
    </>
  );
}

function Invite({ project }: { project: Project }) {
  const { t } = useTranslation("builders");
  const [username, setUsername] = useState("");
  const invite = useDeed((api, name: string) => inviteByName(api, project.project_id, name, t("nobody")));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate(username, { onSuccess: () => setUsername("") });
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="xs">
        <TextInput
          size="xs"
          label={t("inviteByUsername")}
          autoComplete="off"
          autoCapitalize="none"
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value.trim())}
        />
        <Button type="submit" size="xs" variant="default" loading={invite.isPending} disabled={!isUsername(username)}>
          {t("invite")}
        </Button>
      </Group>
      {invite.isError && <Refused reason={invite.error} />}
    </form>
  );
}

async function inviteByName(api: Api, projectId: string, username: string, nobody: string) {
  const user = await findByUsername(api, username);
  if (user === null) throw new Problem(404, { detail: nobody });
  const params = { path: { project_id: projectId } };
  return answered(api.POST("/projects/{project_id}/collaborators", { params, body: { user_id: user.user_id } }));
}
