import { Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { RouteObject } from "react-router";

function Page() {
  const { t } = useTranslation("registers");
  return <Title order={1}>{t("title")}</Title>;
}

export const registerRoutes: RouteObject[] = [{ path: "/registers", Component: Page }];
