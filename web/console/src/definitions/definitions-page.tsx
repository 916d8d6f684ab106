import { Button, Group, Stack, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useMay } from "../session/session";
import { Empty, Loaded, NoPermission } from "../shell/faces";
import { RegisterChoice } from "../shell/register-choice";
import { DefinitionTable } from "./definition-table";
import { useDefinitions } from "./queries";

/** The score definitions of a register. */
export function DefinitionsPage() {
  const { t } = useTranslation("definitions");
  const may = useMay("registerDefinition:view");
  const [parameters, setParameters] = useSearchParams();
  const registerId = parameters.get("register");
  const mayCreate = useMay("registerDefinition:manage", "registerScore:create");
  if (!may) return <NoPermission permission="registerDefinition:view" page={t("title")} />;
  return (
    <Stack>
      <Title order={1}>{t("title")}</Title>
      <Group justify="space-between" align="flex-end">
        <RegisterChoice value={registerId} onChange={(register) => setParameters({ register })} />
        {mayCreate && registerId !== null && (
          <Button component={Link} to={`/definitions/new?register=${encodeURIComponent(registerId)}`}>
            {t("new")}
          </Button>
        )}
      </Group>
      {registerId === null ? <Empty>{t("chooseFirst")}</Empty> : <OfRegister registerId={registerId} />}
    </Stack>
  );
}

function OfRegister({ registerId }: { registerId: string }) {
  const { t } = useTranslation("definitions");
  const definitions = useDefinitions(registerId);
  return (
    <Loaded query={definitions}>
      {(all) => (all.length === 0 ? <Empty>{t("noDefinitions")}</Empty> : <DefinitionTable definitions={all} />)}
    </Loaded>
  );
}
