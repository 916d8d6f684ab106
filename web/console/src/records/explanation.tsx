import { Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { Loaded } from "../shell/faces";
import { localeFor } from "../shell/locale";
import { Moment } from "../shell/moment";
import { AttributeList } from "./attribute-list";
import { useExplanation } from "./queries";
import { Path, Value } from "./value";

interface ExplanationProps {
  recordId: string;
  scoreType: string;
  sequence: number;
}

/** All that a number was computed from: inputs, formula, settings, and its parts where the formula tells. */
export function Explanation({ recordId, scoreType, sequence }: ExplanationProps) {
  return (
    <Loaded query={useExplanation(recordId, scoreType, sequence)}>{(score) => <Explained score={score} />}</Loaded>
  );
}

function Explained({ score }: { score: Schemas["ExplainedScore"] }) {
  const { t, i18n } = useTranslation("records");
  const cause = score.triggered_by_cr_id || score.triggered_by_submission_id;
  return (
    <Stack gap="sm">
      <Text>
        <strong>
          <Value value={score.computed_score} />
        </strong>
        {" · "}
        <Moment at={score.computed_at} />
        {" · "}
        <Path>{cause}</Path>
      </Text>
      <Text size="sm">
        {t("formula")}: <Path>{score.formula_name}</Path>, {t("formulaVersion")} <bdi>{score.formula_version}</bdi>
        {" · "}
        {t("definitionVersion")} {new Intl.NumberFormat(localeFor(i18n.language)).format(score.definition_version)}
      </Text>
      <Titled title={t("inputs")} values={score.contributing_attribute_values} empty={t("noInputs")} />
      <Titled title={t("config")} values={score.score_config} empty={t("noConfig")} />
      <Titled title={t("breakdown")} values={score.breakdown ?? {}} empty={t("noBreakdown")} />
    </Stack>
  );
}

function Titled({ title, values, empty }: { title: string; values: Record<string, unknown>; empty: string }) {
  return (
    <section>
      <Title order={3} size="h5">
        {title}
      </Title>
      {Object.keys(values).length > 0 ? (
        <AttributeList attributes={values} />
      ) : (
        <Text size="sm" c="dimmed">
          {empty}
        </Text>
      )}
    </section>
  );
}
