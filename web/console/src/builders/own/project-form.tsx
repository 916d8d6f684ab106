import { Button, Card, Group, NativeSelect, Stack, Textarea, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Api, answered, type Schemas } from "../../api/client";
import { Refused } from "../../shell/faces";
import { useDeed } from "../queries";

type Project = Schemas["Project"];
type Draft = Pick<Project, "title" | "summary" | "status">;

const STATUSES = ["draft", "active", "shipped", "archived"] as const;

interface ProjectFormProps {
  /** What is changed; a new one without. */
  project?: Project;
  onDone?: () => void;
}

export function ProjectForm({ project, onDone }: ProjectFormProps) {
  const { t } = useTranslation("builders");
  // others may change the rest meanwhile: what is sent is what differs from what this began with
  const [begun] = useState(() => draftOf(project));
  const [draft, setDraft] = useState(begun);
  const changes = changesOf(begun, draft);
  const deed = useDeed((api, told: Draft) =>
    project === undefined ? create(api, told) : change(api, project, changes),
  );
  const canBeSent = draft.title.trim() !== "" && (project === undefined || Object.keys(changes).length > 0);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!canBeSent) return;
    deed.mutate(draft, {
      onSuccess: () => {
        if (project === undefined) setDraft(begun);
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
          readOnly={deed.isPending}
          value={draft.title}
          onChange={(event) => setDraft({ ...draft, title: event.currentTarget.value })}
        />
        <Textarea
          label={t("summary")}
          rows={2}
          readOnly={deed.isPending}
          value={draft.summary}
          onChange={(event) => setDraft({ ...draft, summary: event.currentTarget.value })}
        />
        <NativeSelect
          label={t("status")}
          data={STATUSES.map((value) => ({ value, label: t(value) }))}
          disabled={deed.isPending}
          value={draft.status}
          onChange={(event) => setDraft({ ...draft, status: event.currentTarget.value as Draft["status"] })}
        />
        {deed.isError && <Refused reason={deed.error} />}
        <Group>
          <Button type="submit" loading={deed.isPending} disabled={!canBeSent}>
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

function draftOf(project: Project | undefined): Draft {
  const { title, summary, status } = project ?? { title: "", summary: "", status: "draft" };
  return { title, summary, status };
}

function changesOf(begun: Draft, draft: Draft): Partial<Draft> {
  return Object.fromEntries(Object.entries(draft).filter(([name, value]) => value !== begun[name as keyof Draft]));
}

function create(api: Api, body: Draft) {
  return answered(api.POST("/projects", { body }));
}

function change(api: Api, { project_id }: Project, body: Partial<Draft>) {
  return answered(api.PATCH("/projects/{project_id}", { params: { path: { project_id } }, body }));
}
