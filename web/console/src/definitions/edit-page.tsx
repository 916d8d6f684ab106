import { Alert, Anchor, Group, Stack, Text, Title } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { Problem } from "../api/problem";
import { useRegisters } from "../registers/queries";
import { useMay } from "../session/session";
import { Confirmed } from "../shell/confirmed";
import { Loaded, NoPermission, Refused } from "../shell/faces";
import { Moment } from "../shell/moment";
import { DefinitionForm, useDefinitionForm } from "./definition-form";
import { changesOf, draftOf } from "./drafts";
import { EnabledSwitch } from "./enabled-switch";
import { History } from "./history";
import { backTo } from "./new-page";
import { useAttributeTypes, useDefinitions, useDelete, useSave, useWeighted } from "./queries";
import { Recomputations } from "./recomputations";
import type { Definition } from "./rules";
import { type Change, StaleScores } from "./stale-scores";
import { WeightedAttributes } from "./weighted-attributes";

/** One definition: what it says, what was done to it, and computing its scores again. */
export function DefinitionPage() {
  const { t } = useTranslation("definitions");
  const { registerId = "", definitionId = "" } = useParams();
  const may = useMay("registerDefinition:view");
  const definitions = useDefinitions(may ? registerId : null);
  const registers = useRegisters();
  if (!may) return <NoPermission permission="registerDefinition:view" page={t("definition")} />;
  // its attributes' types decide which fields there are
  if (registers.isLoading) return <Loaded query={registers}>{() => null}</Loaded>;
  return (
    <Stack>
      <Anchor component={Link} to={backTo(registerId)} size="sm">
        {t("backToList")}
      </Anchor>
      <Loaded query={definitions}>
        {(all) => {
          const definition = all.find((one) => one.score_definition_id === definitionId);
          if (definition !== undefined) return <Shown key={definitionId} definition={definition} />;
          return (
            <>
              <Title order={1}>{t("definition")}</Title>
              <Refused reason={new Problem(404, { detail: t("noSuchDefinition") })} />
              <History definitionId={definitionId} />
            </>
          );
        }}
      </Loaded>
    </Stack>
  );
}

function Shown({ definition }: { definition: Definition }) {
  const [change, setChange] = useState<Change | undefined>();
  const tell = (count: number | null) => setChange((before) => ({ nth: (before?.nth ?? 0) + 1, count }));
  const mayWeighted = useMay("registerScore:view");
  const weighted = useWeighted(definition.score_definition_id, mayWeighted);
  if (mayWeighted && weighted.isPending) return <Loaded query={weighted}>{() => null}</Loaded>;
  const isWeighted = definition.contributing_attributes.length === 0 || (weighted.data?.length ?? 0) > 0;
  return (
    <>
      <Heading definition={definition} />
      <StaleScores definition={definition} change={change} />
      <Editor definition={definition} isWeighted={isWeighted} onSaved={tell} />
      {isWeighted && <WeightedAttributes definition={definition} onChanged={() => tell(null)} />}
      <Recomputations definition={definition} />
      <History definitionId={definition.score_definition_id} />
    </>
  );
}

function Heading({ definition }: { definition: Definition }) {
  const { t } = useTranslation("definitions");
  const mayDelete = useMay("registerScore:edit");
  const remove = useDelete();
  const navigate = useNavigate();
  const leave = () => void navigate(backTo(definition.register_id));
  return (
    <>
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={1}>
            <bdi>{definition.score_type}</bdi>
          </Title>
          <Text c="dimmed" size="sm">
            {t("versionOf", { version: definition.version, register: definition.register_mnemonic })}{" "}
            <Moment at={definition.updated_at} />
          </Text>
        </div>
        <Group>
          <EnabledSwitch definition={definition} label={t("enabled")} />
          {mayDelete && (
            <Confirmed
              variant="outline"
              color="red"
              loading={remove.isPending}
              label={t("delete")}
              question={t("deleteQuestion", { scoreType: definition.score_type })}
              onConfirm={() => remove.mutate(definition.score_definition_id, { onSuccess: leave })}
            >
              {t("deleteText")}
            </Confirmed>
          )}
        </Group>
      </Group>
      {remove.error !== null && <Refused reason={remove.error} />}
    </>
  );
}

interface EditorProps {
  definition: Definition;
  isWeighted: boolean;
  onSaved: (staleScores: number) => void;
}

function Editor({ definition, isWeighted, onSaved }: EditorProps) {
  const { t } = useTranslation("definitions");
  const mayManage = useMay("registerDefinition:manage");
  const types = useAttributeTypes(definition.register_id);
  const facts = useMemo(() => ({ types, mayLeaveOutDebounce: false }), [types]);
  const initial = draftOf(definition, isWeighted);
  const form = useDefinitionForm(initial, facts);
  const save = useSave();
  // the form keeps what is typed: what it began with may be old by now
  const isOvertaken =
    form.isDirty() && Object.keys(changesOf(form.getInitialValues(), initial)).length > 0 && !save.isPending;
  return (
    <>
      {isOvertaken && (
        <Alert color="yellow" role="alert" title={t("changedMeanwhile")}>
          {t("changedMeanwhileText")}
        </Alert>
      )}
      <DefinitionForm
        form={form}
        facts={facts}
        isNew={false}
        isReadOnly={!mayManage}
        isSaving={save.isPending}
        error={save.error}
        onSave={(draft) =>
          save.mutate(
            {
              seen: definition,
              body: {
                score_definition_id: definition.score_definition_id,
                ...changesOf(form.getInitialValues(), draft),
              },
            },
            {
              onSuccess: (saved) => {
                if (saved === null) return;
                const { score_definition, stale_scores } = saved;
                const stored = draftOf(score_definition, isWeighted);
                form.setInitialValues(stored);
                form.setValues(stored);
                form.resetDirty(stored);
                onSaved(stale_scores);
              },
            },
          )
        }
      />
    </>
  );
}
