import { Badge } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Status } from "./queries";

const COLORS: Record<Status, string> = { PENDING: "yellow", APPROVED: "teal", REJECTED: "gray" };

export function StatusBadge({ status }: { status: Status }) {
  const { t } = useTranslation("changeRequests");
  return (
    <Badge variant="dot" color={COLORS[status]} tt="none">
      {t(status)}
    </Badge>
  );
}
