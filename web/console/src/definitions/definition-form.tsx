import { Button, Fieldset, Group, NumberInput, SegmentedControl, Stack, Textarea, TextInput } from "@mantine/core";
import { type UseFormReturnType, useForm } from "@mantine/form";
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Problem } from "../api/problem";
import { Refused } from "../shell/faces";
import { Unsaved } from "../shell/unsaved";
import { AttributesInput } from "./attributes-input";
import { type DefinitionDraft, definitionSchema, type Facts, flawsOf, MAX_SECONDS, refusedFields } from "./rules";

const FIELDS = {
  score_type: "scoreType",
  contributing_attributes: "attributes",
  score_config: "config",
  "debounce.quiet_period": "quietPeriod",
  "debounce.max_wait": "maxWait",
} as const;

export type DefinitionFormState = UseFormReturnType<DefinitionDraft>;

/** A form that knows the rules, and keeps what was typed when the definition changes beneath it. */
export function useDefinitionForm(initial: DefinitionDraft, facts: Facts): DefinitionFormState {
  const { t } = useTranslation("definitions");
  const schema = useMemo(() => definitionSchema(t, facts), [t, facts]);
  const form = useForm<DefinitionDraft>({
    initialValues: initial,
    validateInputOnBlur: true,
    validate: (draft: DefinitionDraft) => flawsOf(schema, draft),
  }) as DefinitionFormState;
  const { setInitialValues, setValues, resetDirty, isDirty } = form;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another initial state resets it
  useEffect(() => {
    if (isDirty()) return;
    setInitialValues(initial);
    setValues(initial);
    resetDirty(initial);
  }, [JSON.stringify(initial)]);
  return form;
}

interface DefinitionFormProps {
  form: DefinitionFormState;
  facts: Facts;
  isNew: boolean;
  isSaving: boolean;
  /** Why it was not saved. */
  error: Error | null;
  /** Whether all of it may be changed. */
  isReadOnly: boolean;
  /** Whether it may have weighted attributes instead; of a new one. */
  mayWeigh?: boolean;
  /** Whether it may have attributes of its own; of a new one. */
  mayName?: boolean;
  onSave: (draft: DefinitionDraft) => void;
}

export function DefinitionForm(props: DefinitionFormProps) {
  const { form, isNew, isSaving, error, isReadOnly, onSave } = props;
  const { t } = useTranslation("definitions");
  const refused = error instanceof Problem ? refusedFields(error, FIELDS) : null;
  const { setErrors } = form;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each refusal
  useEffect(() => {
    if (refused !== null) setErrors(refused.errors);
  }, [error]);
  const save = form.onSubmit(onSave, (errors) => form.getInputNode(Object.keys(errors)[0] ?? "")?.focus());
  return (
    <form onSubmit={save} noValidate aria-label={t("definition")}>
      <Unsaved isDirty={form.isDirty} />
      <Stack maw={720}>
        {/* what is typed while it saves would be lost */}
        <Fields {...props} isReadOnly={isReadOnly || isSaving} />
        {error !== null && (refused === null || refused.rest) && <Refused reason={error} />}
        {!isReadOnly && (
          <Group>
            <Button type="submit" loading={isSaving} disabled={!isNew && !form.isDirty()}>
              {t(isNew ? "create" : "save")}
            </Button>
            {!isNew && form.isDirty() && (
              <Button variant="default" disabled={isSaving} onClick={form.reset}>
                {t("discard")}
              </Button>
            )}
          </Group>
        )}
      </Stack>
    </form>
  );
}

function Fields({ form, facts, isNew, isReadOnly, mayWeigh, mayName }: DefinitionFormProps) {
  const { t } = useTranslation("definitions");
  const { isWeighted, config } = form.getValues();
  return (
    <>
      {isNew && (
        <TextInput
          label={t("scoreType")}
          description={t("scoreTypeHint")}
          required
          autoComplete="off"
          readOnly={isReadOnly}
          styles={{ input: { direction: "ltr" } }}
          {...form.getInputProps("scoreType")}
        />
      )}
      {isNew && mayWeigh && mayName && <Kind form={form} isReadOnly={isReadOnly} />}
      {!isWeighted && (
        <AttributesInput types={facts.types} readOnly={isReadOnly} {...form.getInputProps("attributes")} />
      )}
      <Textarea
        label={t("config")}
        description={t(isWeighted ? "configHintWeighted" : "configHint")}
        rows={Math.min(20, Math.max(8, config.split("\n").length))}
        readOnly={isReadOnly}
        spellCheck={false}
        dir="ltr"
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", direction: "ltr" } }}
        {...form.getInputProps("config")}
      />
      <Debounce form={form} isReadOnly={isReadOnly} isNew={isNew} />
    </>
  );
}

function Kind({ form, isReadOnly }: { form: DefinitionFormState; isReadOnly: boolean }) {
  const { t } = useTranslation("definitions");
  const { value: _, onChange, ...props } = form.getInputProps("isWeighted");
  return (
    <Fieldset legend={t("kind")} variant="unstyled">
      <SegmentedControl
        aria-label={t("kind")}
        fullWidth
        readOnly={isReadOnly}
        data={[
          { value: "named", label: t("kindNamed") },
          { value: "weighted", label: t("kindWeighted") },
        ]}
        {...props}
        value={form.getValues().isWeighted ? "weighted" : "named"}
        onChange={(kind) => onChange(kind === "weighted")}
      />
    </Fieldset>
  );
}

function Debounce({ form, isReadOnly, isNew }: { form: DefinitionFormState; isReadOnly: boolean; isNew: boolean }) {
  const { t } = useTranslation("definitions");
  return (
    <Fieldset legend={t("debounce")}>
      <Group align="flex-start" grow preventGrowOverflow={false}>
        {(["quietPeriod", "maxWait"] as const).map((field) => (
          <NumberInput
            key={field}
            label={t(field)}
            description={t(`${field}Hint`)}
            placeholder={isNew ? t("serviceDefault") : ""}
            min={0}
            max={MAX_SECONDS}
            clampBehavior="none"
            readOnly={isReadOnly}
            miw={200}
            {...form.getInputProps(field)}
          />
        ))}
      </Group>
    </Fieldset>
  );
}
