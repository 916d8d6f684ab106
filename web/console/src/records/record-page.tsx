import { Anchor, Button, Paper, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import type { Schemas } from "../api/client";
import { Problem } from "../api/problem";
import { useRegister } from "../registers/queries";
import { useMay } from "../session/session";
import { Loaded, NoPermission, Refused } from "../shell/faces";
import { localeFor } from "../shell/locale";
import { Moment } from "../shell/moment";
import { AttributeList } from "./attribute-list";
import { Explanations } from "./explanations";
import { Part } from "./part";
import { useRecord } from "./queries";
import { RecordChangeRequests } from "./record-change-requests";
import { Scores } from "./scores";
import { Path } from "./value";
import { Versions } from "./versions";

/** A record. Each part stands for itself: who may see one of them sees it, whatever becomes of the others. */
export function RecordPage() {
  const { t } = useTranslation("records");
  const { recordId = "" } = useParams();
  const { error } = useRecord(recordId);
  const isMissing = error instanceof Problem && error.status === 404;
  return (
    <Stack gap="xl" key={recordId}>
      <div>
        <Title order={1}>{t("record")}</Title>
        <Text c="dimmed" size="sm">
          <Path>{recordId}</Path>
        </Text>
      </div>
      {isMissing ? <Refused reason={error} /> : <Parts recordId={recordId} />}
    </Stack>
  );
}

function Parts({ recordId }: { recordId: string }) {
  const { t } = useTranslation("records");
  return (
    <>
      <Part title={t("scores")} aside={<Explanations recordId={recordId} />}>
        <Scores recordId={recordId} />
      </Part>
      <Holdings recordId={recordId} />
      <RecordChangeRequests recordId={recordId} />
      <Part title={t("versions")}>
        <Versions recordId={recordId} />
      </Part>
    </>
  );
}

function Holdings({ recordId }: { recordId: string }) {
  const { t } = useTranslation("records");
  const may = useMay("registerRecord:view");
  const query = useRecord(recordId);
  return (
    <Part title={t("attributes")} aside={query.data && <AskForChange record={query.data} />}>
      {may ? (
        <Loaded query={query}>{(record) => <Attributes record={record} />}</Loaded>
      ) : (
        <NoPermission permission="registerRecord:view" />
      )}
    </Part>
  );
}

function Attributes({ record }: { record: Schemas["Record"] }) {
  const { t, i18n } = useTranslation("records");
  const { data: register } = useRegister(record.register_id);
  const version = new Intl.NumberFormat(localeFor(i18n.language)).format(record.version);
  return (
    <Paper withBorder p="md">
      <Text component="div" size="sm" mb="sm" className="record-facts">
        <Anchor component={Link} underline="always" to={`/registers/${encodeURIComponent(record.register_id)}`}>
          {register?.register_mnemonic ?? t("register")}
        </Anchor>
        <span>{t("version", { version })}</span>
        <span>
          {t("changedAt")} <Moment at={record.updated_at} />
        </span>
        <span>
          {t("createdAt")} <Moment at={record.created_at} />
        </span>
      </Text>
      <AttributeList attributes={record.attributes} declared={register?.attributes} />
    </Paper>
  );
}

/** Offered where it can be done: with the permission, and where no other registry feeds the register. */
function AskForChange({ record }: { record: Schemas["Record"] }) {
  const { t } = useTranslation("records");
  const may = useMay("changeRequest:create");
  const { data: register } = useRegister(record.register_id);
  if (!may || register === undefined) return null;
  if (register.hook_sender !== null)
    return (
      <Text size="sm" c="dimmed">
        {t("fedFrom", { sender: register.hook_sender })}
      </Text>
    );
  return (
    <Button
      component={Link}
      size="compact-md"
      variant="light"
      to={`/records/${encodeURIComponent(record.internal_record_id)}/change`}
    >
      {t("askForChange")}
    </Button>
  );
}
