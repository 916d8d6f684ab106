import { Autocomplete, Button, Checkbox, Group, NumberInput, Stack, Textarea } from "@mantine/core";
import { useForm } from "@mantine/form";
import { type ReactNode, type RefObject, useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { Problem } from "../api/problem";
import { Refused } from "../shell/faces";
import { useAttributeTypes, useChangeWeighted } from "./queries";
import { type Definition, flawsOf, refusedFields } from "./rules";
import { type WeightedDraft, weightedBody, weightedDraftOf, weightedSchema } from "./weighted-rules";

const FIELDS = {
  attribute_name: "name",
  attribute_weightage: "weightage",
  attribute_computation_required: "isMapped",
  attribute_computation_value: "mapping",
} as const;

interface WeightedFormProps {
  definition: Definition;
  /** Null: a new one. */
  attribute: Schemas["ContributingAttribute"] | null;
  /** The names of the others. */
  taken: string[];
  onSaved: () => void;
  /** Told whether there is something to lose. */
  isDirty: RefObject<() => boolean>;
  /** What stands above its button. */
  children?: ReactNode;
}

export function WeightedForm({ definition, attribute, taken, onSaved, isDirty, children }: WeightedFormProps) {
  const { t } = useTranslation("definitions");
  const types = useAttributeTypes(definition.register_id);
  const change = useChangeWeighted();
  const form = useForm<WeightedDraft>({
    initialValues: weightedDraftOf(attribute),
    validateInputOnBlur: true,
    validate: (draft: WeightedDraft) => flawsOf(weightedSchema(t, types, taken), draft),
  });
  useEffect(() => {
    isDirty.current = form.isDirty;
    return () => {
      isDirty.current = () => false;
    };
  });
  const refused = change.error instanceof Problem ? refusedFields(change.error, FIELDS) : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each refusal
  useEffect(() => {
    if (refused !== null) form.setErrors(refused.errors);
  }, [change.error]);
  const { score_definition_id } = definition;
  const save = form.onSubmit((draft) =>
    change.mutate(
      attribute === null
        ? { kind: "create", body: { score_definition_id, ...weightedBody(draft) } }
        : {
            kind: "update",
            body: { contributing_attribute_id: attribute.contributing_attribute_id, ...weightedBody(draft) },
          },
      { onSuccess: onSaved },
    ),
  );
  return (
    <form onSubmit={save} noValidate>
      <Stack>
        <Autocomplete
          label={t("attribute")}
          required
          data={Object.keys(types ?? {}).sort()}
          {...form.getInputProps("name")}
        />
        <NumberInput label={t("weightage")} required decimalScale={12} {...form.getInputProps("weightage")} />
        <Checkbox label={t("isMapped")} {...form.getInputProps("isMapped", { type: "checkbox" })} />
        {form.getValues().isMapped && (
          <Textarea
            label={t("mapping")}
            description={t("mappingHint")}
            rows={5}
            spellCheck={false}
            styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", direction: "ltr" } }}
            {...form.getInputProps("mapping")}
          />
        )}
        {change.error !== null && (refused === null || refused.rest) && <Refused reason={change.error} />}
        {children}
        <Group justify="flex-end">
          <Button type="submit" loading={change.isPending}>
            {t(attribute === null ? "add" : "save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
