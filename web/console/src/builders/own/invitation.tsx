import { Button, Group } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { answered, type Schemas } from "../../api/client";
import { Confirmed } from "../../shell/confirmed";
import { Loaded, Refused } from "../../shell/faces";
import { ProjectCard } from "../project-card";
import { endCollaboration, useDeed, useProject } from "../queries";

/** What one was invited to, to be answered; what one has confirmed. */
export function Invitation({ collaboration, userId }: { collaboration: Schemas["Collaboration"]; userId: string }) {
  const project = useProject(collaboration.project_id);
  return (
    <Loaded query={project}>
      {(told) => (
        <ProjectCard project={told}>
          <Answer collaboration={collaboration} />
          {collaboration.status === "confirmed" && <Leave project={told} userId={userId} />}
        </ProjectCard>
      )}
    </Loaded>
  );
}

function Answer({ collaboration: { project_id, status } }: { collaboration: Schemas["Collaboration"] }) {
  const { t } = useTranslation("builders");
  const params = { path: { project_id } };
  const confirm = useDeed((api) => answered(api.POST("/projects/{project_id}/confirm_collaboration", { params })));
  const decline = useDeed((api) => answered(api.POST("/projects/{project_id}/decline_collaboration", { params })));
  return (
    <Group gap="xs">
      {status !== "confirmed" && (
        <Button size="xs" loading={confirm.isPending} onClick={() => confirm.mutate(undefined)}>
          {t("confirm")}
        </Button>
      )}
      {status === "invited" && (
        <Button size="xs" variant="default" loading={decline.isPending} onClick={() => decline.mutate(undefined)}>
          {t("decline")}
        </Button>
      )}
      {(confirm.isError || decline.isError) && <Refused reason={confirm.error ?? decline.error} />}
    </Group>
  );
}

function Leave({ project, userId }: { project: Schemas["Project"]; userId: string }) {
  const { t } = useTranslation("builders");
  const leave = useDeed((api) => endCollaboration(api, project.project_id, userId));
  return (
    <Group gap="xs">
      <Confirmed
        size="xs"
        variant="default"
        loading={leave.isPending}
        label={t("leave")}
        ariaLabel={t("leaveOf", { title: project.title })}
        question={t("leaveOf", { title: project.title })}
        onConfirm={() => leave.mutate(undefined)}
      >
        {t("leaveText")}
      </Confirmed>
      {leave.isError && <Refused reason={leave.error} />}
    </Group>
  );
}
