import { Button, Group } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { answered, type Schemas } from "../../api/client";
import { Loaded, Refused } from "../../shell/faces";
import { ProjectCard } from "../project-card";
import { useDeed, useProject } from "../queries";

/** What one was invited to, to be answered; what one has confirmed. */
export function Invitation({ collaboration }: { collaboration: Schemas["Collaboration"] }) {
  const project = useProject(collaboration.project_id);
  return (
    <Loaded query={project}>
      {(told) => (
        <ProjectCard project={told}>
          <Answer collaboration={collaboration} />
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
