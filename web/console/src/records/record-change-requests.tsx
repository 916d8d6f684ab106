import { useTranslation } from "react-i18next";
import { ChangeRequestTable } from "../change-requests/change-request-table";
import { useChangeRequests } from "../change-requests/queries";
import { useMay } from "../session/session";
import { NoPermission } from "../shell/faces";
import { Paged } from "../shell/paged";
import { Part } from "./part";
import { useRecord } from "./queries";

export function RecordChangeRequests({ recordId }: { recordId: string }) {
  const { t } = useTranslation("records");
  const may = useMay("changeRequest:view");
  return (
    <Part title={t("changeRequests")}>
      {may ? <List recordId={recordId} /> : <NoPermission permission="changeRequest:view" />}
    </Part>
  );
}

function List({ recordId }: { recordId: string }) {
  const { t } = useTranslation("records");
  const query = useChangeRequests({ internal_record_id: recordId });
  const record = useRecord(recordId);
  return (
    <Paged query={query} empty={t("noChangeRequests")}>
      {(rows) => <ChangeRequestTable label={t("changeRequests")} rows={rows} record={record.data?.attributes} />}
    </Paged>
  );
}
