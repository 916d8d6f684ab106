import { Button, Stack, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { useRegister } from "../registers/queries";
import { useMay } from "../session/session";
import { Loaded } from "../shell/faces";
import { ChangeForm } from "./change-form";
import { FedFromElsewhere, Permitted } from "./permitted";

/** Asks for a new record: its change request makes one when it is approved. */
export function NewRecordPage() {
  const { t } = useTranslation("records");
  const { registerId = "" } = useParams();
  return (
    <Stack maw={640}>
      <Title order={1}>{t("newRecord")}</Title>
      <Text>{t("newRecordMeans")}</Text>
      <Permitted permissions={["changeRequest:create", "register:view"]}>
        <NewRecord key={registerId} registerId={registerId} />
      </Permitted>
    </Stack>
  );
}

function NewRecord({ registerId }: { registerId: string }) {
  const { t } = useTranslation("records");
  const navigate = useNavigate();
  const maySee = useMay("changeRequest:view");
  const home = `/registers/${encodeURIComponent(registerId)}`;
  const done = (id: string) => {
    notifications.show({ color: "teal", message: t("isSent", { id }) });
    void navigate(maySee ? `/change-requests/${encodeURIComponent(id)}` : home);
  };
  return (
    <Loaded query={useRegister(registerId)}>
      {(register) => (
        <FedFromElsewhere register={register}>
          <ChangeForm
            register={register}
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
