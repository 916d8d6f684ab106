import { Button, Stack, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import type { Schemas } from "../api/client";
import { useRegister } from "../registers/queries";
import { Loaded } from "../shell/faces";
import { ChangeForm } from "./change-form";
import { FedFromElsewhere, Permitted } from "./permitted";
import { useRecord } from "./queries";
import { Path } from "./value";

/** Asks for a change of a record. */
export function ChangePage() {
  const { t } = useTranslation("records");
  const { recordId = "" } = useParams();
  const record = useRecord(recordId);
  return (
    <Stack maw={640}>
      <div>
        <Title order={1}>{t("askForChange")}</Title>
        <Text c="dimmed" size="sm">
          <Path>{recordId}</Path>
        </Text>
      </div>
      <Permitted permissions={["changeRequest:create", "registerRecord:view", "register:view"]}>
        <Loaded query={record}>{(found) => <Change key={recordId} record={found} />}</Loaded>
      </Permitted>
    </Stack>
  );
}

function Change({ record }: { record: Schemas["Record"] }) {
  const { t } = useTranslation("records");
  const navigate = useNavigate();
  const home = `/records/${encodeURIComponent(record.internal_record_id)}`;
  const done = (id: string) => {
    notifications.show({ color: "teal", message: t("isSent", { id }) });
    void navigate(home);
  };
  return (
    <Loaded query={useRegister(record.register_id)}>
      {(register) => (
        <FedFromElsewhere register={register}>
          <ChangeForm
            register={register}
            record={record}
            onCreated={done}
            cancel={
              <Button component={Link} to={home} variant="default">
                {t("cancel")}
              </Button>
            }
          />
        </FedFromElsewhere>
      )}
    </Loaded>
  );
}
