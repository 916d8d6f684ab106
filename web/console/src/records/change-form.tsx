import { Alert, Button, Fieldset, Group, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { Problem } from "../api/problem";
import { Refused } from "../shell/faces";
import { localeFor } from "../shell/locale";
import { Unsaved } from "../shell/unsaved";
import { AttributeField } from "./attribute-field";
import type { Attributes } from "./attributes";
import { check, decimalMark, draftOf, type Flaw, flawOfIdentifier } from "./drafts";
import { useCreateChangeRequest } from "./queries";
import { ArrivedOtherwise, type AskedFor, newChangeRequestId } from "./sending";

const ID = "change_request_id";

interface ChangeFormProps {
  register: Schemas["Register"];
  /** The record to change; none: its approval makes a new one. */
  record?: Schemas["Record"] | undefined;
  /** Given the change request's id. */
  onCreated: (id: string) => void;
  cancel: ReactNode;
}

/** Asks for a change: a field for each attribute of the register; what was not touched is not sent. */
export function ChangeForm({ register, record, onCreated, cancel }: ChangeFormProps) {
  const { t } = useTranslation("records");
  const form = useChangeForm(register, record, onCreated);
  return (
    <form ref={form.ref} onSubmit={form.submit} noValidate>
      <Unsaved isDirty={form.isDirty} />
      <Stack>
        <Fieldset legend={t("attributes")}>
          <Stack>
            {Object.keys(register.attributes)
              .sort((one, other) => one.localeCompare(other))
              .map((path) => (
                <AttributeField
                  key={path}
                  path={path}
                  type={register.attributes[path] as string}
                  initial={form.initial[path] ?? ""}
                  text={form.draft[path] ?? ""}
                  error={form.errorAt(path)}
                  onChange={(text) => form.write(path, text)}
                />
              ))}
          </Stack>
        </Fieldset>
        <TextInput
          label={t("changeRequestId")}
          description={t("changeRequestIdMeans")}
          value={form.id}
          error={form.errorAt(ID)}
          onChange={(event) => form.writeId(event.currentTarget.value)}
        />
        {form.isUnchanged && (
          <Alert role="alert" color="yellow">
            {t("nothingChanged")}
          </Alert>
        )}
        {form.refused instanceof ArrivedOtherwise ? (
          <Alert role="alert" color="yellow" title={t("arrivedBefore", { id: form.refused.id })}>
            {t("arrivedOtherwise")}
          </Alert>
        ) : (
          form.refused !== null && <Refused reason={form.refused} />
        )}
        <Group>
          <Button type="submit" loading={form.isPending}>
            {t("send")}
          </Button>
          {cancel}
        </Group>
        <Text size="sm" c="dimmed">
          {t("sendMeans")}
        </Text>
      </Stack>
    </form>
  );
}

function useChangeForm(
  register: Schemas["Register"],
  record: Schemas["Record"] | undefined,
  onCreated: ChangeFormProps["onCreated"],
) {
  const says = useFlawTexts();
  const decimal = decimalMark(localeFor(useTranslation().i18n.language));
  const ref = useRef<HTMLFormElement>(null);
  // as they were when the form was opened: what changes meanwhile must not turn untouched fields into changes
  const [attributes] = useState<Attributes>(record?.attributes ?? {});
  const [initial] = useState(() => draftOf(register.attributes, attributes));
  const [draft, setDraft] = useState(initial);
  const [id, setId] = useState("");
  // one for as long as the form is open: what is sent twice is made once
  const [ownId, setOwnId] = useState(newChangeRequestId);
  const wasSent = useRef(false);
  const [flaws, setFlaws] = useState<Record<string, string>>({});
  const [isUnchanged, setUnchanged] = useState(false);
  const { mutate, isPending, error, reset } = useCreateChangeRequest();

  const show = (found: Record<string, string>) => {
    setFlaws(found);
    // after the fields have been marked
    requestAnimationFrame(() => ref.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
  };
  const touch = (path: string) => {
    setUnchanged(false);
    setFlaws(({ [path]: _, ...others }) => others);
    if (error !== null) reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { payload, flaws: found } = check(register.attributes, attributes, draft, decimal);
    const all = says({ ...found, ...(flawOfIdentifier(id) && { [ID]: flawOfIdentifier(id) as Flaw }) });
    if (Object.keys(all).length > 0) return show(all);
    if (Object.keys(payload).length === 0) return setUnchanged(true);
    mutate(bodyOf(register, record, payload, id || ownId), {
      onSuccess: (created) => {
        wasSent.current = true;
        onCreated(created);
      },
      onError: (reason) => {
        if (reason instanceof ArrivedOtherwise) {
          setId("");
          setOwnId(newChangeRequestId());
        }
        show(flawsOf(reason, new Set([...Object.keys(register.attributes), ID])));
      },
    });
  };
  return {
    ref,
    initial,
    draft,
    id,
    isUnchanged,
    isPending,
    isDirty: () => !wasSent.current && (id !== "" || Object.keys(draft).some((path) => draft[path] !== initial[path])),
    // what is shown at its field is not said twice
    refused: error !== null && Object.keys(flaws).length === 0 ? error : null,
    errorAt: (path: string) => flaws[path],
    write: (path: string, text: string) => {
      touch(path);
      setDraft({ ...draft, [path]: text });
    },
    writeId: (text: string) => {
      touch(ID);
      setId(text.trim());
    },
    submit,
  };
}

function bodyOf(
  register: Schemas["Register"],
  record: Schemas["Record"] | undefined,
  payload: Record<string, unknown>,
  id: string,
): AskedFor {
  return {
    register_id: register.register_id,
    change_payload: payload,
    ...(record && { internal_record_id: record.internal_record_id }),
    change_request_id: id,
  };
}

/** What the server said of fields that stand here; none where it speaks of something else. */
function flawsOf(reason: unknown, known: ReadonlySet<string>): Record<string, string> {
  if (!(reason instanceof Problem)) return {};
  const named = reason.fields.map(({ field, detail }) => [field.replace(/^change_payload\./, ""), detail] as const);
  return named.every(([field]) => known.has(field)) ? Object.fromEntries(named) : {};
}

function useFlawTexts() {
  const { t } = useTranslation("records");
  return (flaws: Record<string, Flaw>) =>
    Object.fromEntries(Object.entries(flaws).map(([path, { text, line }]) => [path, t(text, { line })]));
}
