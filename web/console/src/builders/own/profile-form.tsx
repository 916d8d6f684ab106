import { Button, Group, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Api, Schemas } from "../../api/client";
import { answered } from "../../api/client";
import { Problem } from "../../api/problem";
import { Refused } from "../../shell/faces";
import { useDeed } from "../queries";
import { isUsername } from "../usernames";

const FIELDS = ["display_name", "headline", "bio", "skills", "location", "website"] as const;
type Field = (typeof FIELDS)[number] | "username";
type Draft = Record<Field, string>;

const LABELS = {
  username: "username",
  display_name: "displayName",
  headline: "headline",
  bio: "bio",
  skills: "skills",
  location: "location",
  website: "website",
} as const;

/** Signs up where there is no user yet, else changes what was changed. */
export function ProfileForm({ user }: { user: Schemas["Profile"] | null }) {
  const { t } = useTranslation("builders");
  // others may change the rest meanwhile: what is sent is what differs from what this began with
  const [begun, setBegun] = useState<Draft>(() => draftOf(user));
  const [draft, setDraft] = useState(begun);
  const deed = useDeed((api, told: Draft) => (user === null ? signUp(api, told) : change(api, begun, told)));
  const canBeSent = draft.display_name.trim() !== "" && (user !== null || isUsername(draft.username));
  const isChanged = user === null || Object.keys(changesOf(begun, draft)).length > 0;
  const begin = (saved: Draft) => {
    setBegun(saved);
    setDraft(saved);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (canBeSent && isChanged) deed.mutate(draft, { onSuccess: (saved) => begin(draftOf(saved)) });
  };
  const field = (name: Field) => ({
    label: t(LABELS[name]),
    value: draft[name],
    readOnly: deed.isPending,
    error: fieldProblem(deed.error, name),
    onChange: (event: { currentTarget: { value: string } }) =>
      setDraft({ ...draft, [name]: event.currentTarget.value }),
  });
  return (
    <form onSubmit={submit}>
      <Stack maw={560}>
        {user === null && (
          <TextInput
            {...field("username")}
            description={`${t("usernameRule")}. ${t("usernameStays")}`}
            autoCapitalize="none"
            required
          />
        )}
        <TextInput {...field("display_name")} required />
        <TextInput {...field("headline")} />
        <Textarea {...field("bio")} rows={3} />
        <TextInput {...field("skills")} description={t("skillsHint")} />
        <TextInput {...field("location")} />
        <TextInput {...field("website")} type="url" dir="ltr" placeholder="https://" />
        {deed.isError && <Refused reason={deed.error} />}
        <Group>
          <Button type="submit" loading={deed.isPending} disabled={!canBeSent || !isChanged}>
            {t(user === null ? "signUp" : "save")}
          </Button>
          <Text size="sm" role="status">
            {deed.isSuccess && !isChanged && t("saved")}
          </Text>
        </Group>
      </Stack>
    </form>
  );
}

function draftOf(user: Schemas["Profile"] | null): Draft {
  const empty = { username: "", display_name: "", headline: "", bio: "", skills: "", location: "", website: "" };
  return user === null ? empty : { ...empty, ...pick(user), skills: user.skills.join(", ") };
}

function pick({ username, display_name, headline, bio, location, website }: Schemas["Profile"]) {
  return { username, display_name, headline, bio, location, website };
}

function told(draft: Draft): Required<Schemas["ChangeProfile"]> {
  const { display_name, headline, bio, location, website } = draft;
  const skills = draft.skills.split(/[,،]/).map((one) => one.trim());
  return { display_name, headline, bio, location, website, skills: skills.filter((one) => one !== "") };
}

function changesOf(begun: Draft, draft: Draft): Schemas["ChangeProfile"] {
  const before = told(begun);
  const wanted = Object.entries(told(draft));
  return Object.fromEntries(
    wanted.filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof typeof before])),
  );
}

async function signUp(api: Api, draft: Draft) {
  return answered(api.POST("/users", { body: { username: draft.username, ...told(draft) } }));
}

async function change(api: Api, begun: Draft, draft: Draft) {
  return answered(api.PATCH("/users/me", { body: changesOf(begun, draft) }));
}

function fieldProblem(reason: unknown, name: Field): string | undefined {
  if (!(reason instanceof Problem)) return undefined;
  return reason.fields.find(({ field }) => field === name || field.startsWith(`${name}.`))?.detail;
}
