import { Stack, Switch, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useMay } from "../session/session";
import { useWords } from "../shell/words";
import { useUpdate } from "./queries";
import type { Definition } from "./rules";

/** Whether the definition computes scores, why not, and a switch for who may change it. */
export function EnabledSwitch({ definition, label }: { definition: Definition; label?: string }) {
  const { t } = useTranslation("definitions");
  const update = useUpdate();
  const words = useWords();
  const may = useMay("registerDefinition:manage");
  const { score_definition_id, score_type, is_enabled } = definition;
  // what was chosen is shown at once; what is stored, once it is known
  const isOn = update.isPending ? (update.variables.is_enabled ?? is_enabled) : is_enabled;
  return (
    <Stack gap={4} align="flex-start">
      <Switch
        {...(label === undefined ? { "aria-label": t("enabledOf", { scoreType: score_type }) } : { label })}
        checked={isOn}
        disabled={!may || update.isPending}
        onChange={(event) => update.mutate({ score_definition_id, is_enabled: event.currentTarget.checked })}
      />
      <InactiveReason definition={definition} />
      {update.error !== null && (
        <Text size="xs" role="alert" c="var(--mantine-color-error)">
          {words(update.error)}
        </Text>
      )}
    </Stack>
  );
}

function InactiveReason({ definition }: { definition: Definition }) {
  const { t } = useTranslation("definitions");
  if (definition.inactive_reason === null) return null;
  return (
    <Text size="xs" c="dimmed" maw={220}>
      {t(definition.contributing_attributes.length === 0 ? "inactiveWithoutAttributes" : "inactiveDisabled")}
    </Text>
  );
}
