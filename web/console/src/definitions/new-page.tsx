import { Anchor, Stack, Title } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";
import { useRegisters } from "../registers/queries";
import { useMay } from "../session/session";
import { Empty, Loaded, NoPermission } from "../shell/faces";
import { RegisterChoice } from "../shell/register-choice";
import { DefinitionForm, useDefinitionForm } from "./definition-form";
import { pathOf } from "./definition-table";
import { emptyDraft, newDefinition } from "./drafts";
import { useAttributeTypes, useCreate } from "./queries";

/** A new definition for a register. */
export function NewDefinitionPage() {
  const { t } = useTranslation("definitions");
  const [parameters, setParameters] = useSearchParams();
  const registerId = parameters.get("register");
  const mayName = useMay("registerDefinition:manage");
  const mayWeigh = useMay("registerScore:create");
  const registers = useRegisters();
  const mayView = useMay("register:view");
  if (!mayName && !mayWeigh) return <NoPermission permission="registerDefinition:manage" page={t("new")} />;
  const form = registerId !== null && <NewDefinition registerId={registerId} />;
  return (
    <Stack>
      <Anchor component={Link} to={backTo(registerId)} size="sm">
        {t("backToList")}
      </Anchor>
      <Title order={1}>{t("new")}</Title>
      <RegisterChoice value={registerId} onChange={(register) => setParameters({ register })} />
      {registerId === null && <Empty>{t("chooseFirst")}</Empty>}
      {mayView ? <Loaded query={registers}>{() => form}</Loaded> : form}
    </Stack>
  );
}

export function backTo(registerId: string | null): string {
  return registerId === null ? "/definitions" : `/definitions?register=${encodeURIComponent(registerId)}`;
}

function NewDefinition({ registerId }: { registerId: string }) {
  const mayName = useMay("registerDefinition:manage");
  const mayWeigh = useMay("registerScore:create");
  const types = useAttributeTypes(registerId);
  const facts = useMemo(() => ({ types, mayLeaveOutDebounce: true }), [types]);
  const initial = useMemo(() => ({ ...emptyDraft(), isWeighted: !mayName }), [mayName]);
  const form = useDefinitionForm(initial, facts);
  const create = useCreate();
  const navigate = useNavigate();
  return (
    <DefinitionForm
      form={form}
      facts={facts}
      isNew
      isReadOnly={false}
      mayName={mayName}
      mayWeigh={mayWeigh}
      isSaving={create.isPending}
      error={create.error}
      onSave={(draft) =>
        create.mutate(newDefinition(registerId, draft), {
          onSuccess: (created) => {
            form.resetDirty(form.getValues());
            void navigate(pathOf(created));
          },
        })
      }
    />
  );
}
