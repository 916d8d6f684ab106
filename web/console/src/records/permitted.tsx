import { Alert } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { type Permission, useSession } from "../session/session";
import { NoPermission } from "../shell/faces";

/** What takes all of these permissions; in its place, the first one that is missing. */
export function Permitted({ permissions, children }: { permissions: Permission[]; children: ReactNode }) {
  const { bearer } = useSession();
  const missing = permissions.find((one) => !bearer.permissions.includes(one));
  return missing === undefined ? children : <NoPermission permission={missing} />;
}

/** What can be asked for here only where no other registry feeds the register. */
export function FedFromElsewhere({ register, children }: { register: Schemas["Register"]; children: ReactNode }) {
  const { t } = useTranslation("records");
  if (register.hook_sender === null) return children;
  return <Alert color="yellow">{t("fedFrom", { sender: register.hook_sender })}</Alert>;
}
