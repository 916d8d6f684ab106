import { Button, Card, Group, NativeSelect, Stack, Textarea, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { answered, type Schemas } from "../../api/client";
import { Refused } from "../../shell/faces";
import { useDeed } from "../queries";

const STATUSES = ["draft", "active", "shipped", "archived"] as const;

interface ProjectFormProps {
  /** What is changed; a new one without. */
  project?: Schemas["Project"];
  onDone?: () => void;
}

export function ProjectForm({ project, onDone }: ProjectFormProps) {
  const { t } = useTranslation("builders");
  const empty = { title: project?.title ?? "", summary: project?.summary ?? "", status: project?.status ?? "draft" };
  const [draft, setDraft] = useState(empty);
  const deed = useDeed((api, body: typeof draft) =>
    project === undefined
      ? answered(api.POST("/projects", { body }))
      : answered(api.PATCH("/projects/{project_id}", { params: { path: { project_id: project.project_id } }, body })),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    deed.mutate(draft, {
      onSuccess: () => {
        if (project === undefined) setDraft(empty);
        onDone?.();
      },
    });
  };
  return (
    <Card withBorder component="form" onSubmit={submit}>
      <Stack maw={560}>
        <Title order={3} size="h4">
          {t(project === undefined ? "newProject" : "edit")}
        </Title>
        <TextInput
          label={t("projectTitle")}
          required
          value={draft.title}
          onChange={(event) => setDraft({ ...draft, title: event.currentTarget.value })}
        />
        <Textarea
          label={t("summary")}
          rows={2}
          value={draft.summary}
          onChange={(event) => setDraft({ ...draft, summary: event.currentTarget.value })}
        />
        <NativeSelect
          label={t("status")}
          data={STATUSES.map((value) => ({ value, label: t(value) }))}
          value={draft.status}
          onChange={(event) => setDraft({ ...draft, status: event.currentTarget.value as typeof draft.status })}
        />
        {deed.isError && <Refused reason={deed.error} />}
        <Group>
          <Button type="submit" loading={deed.isPending} disabled={draft.title.trim() === ""}>
            {t(project === undefined ? "create" : "save")}
          </Button>
          {onDone && (
            <Button variant="default" onClick={onDone}>
              {t("cancel")}
            </Button>
          )}
        </Group>
      </Stack>
    </Card>
  );
}
