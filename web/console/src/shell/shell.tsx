import { AppShell, Burger, Group, NavLink, Text } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link, Outlet, useLocation } from "react-router";
import { useSession } from "../session/session";
import { usePageChange } from "./page-change";
import { placesFor } from "./places";
import { Preferences } from "./preferences";
import { Unreachable } from "./unreachable";

/** Below the breakpoint `sm`, where the menu is opened and closed. */
const NARROW = "(width < 48em)";

/** What stands around every page. */
export function Shell() {
  const { t } = useTranslation("shell");
  const [isOpen, { toggle, close }] = useDisclosure();
  const isNarrow = useMediaQuery(NARROW);
  const content = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  usePageChange(content, t("product"));
  // biome-ignore lint/correctness/useExhaustiveDependencies: on a narrow screen the menu closes whenever the page changes
  useEffect(close, [pathname]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 230, breakpoint: "sm", collapsed: { mobile: !isOpen } }}
      padding={{ base: "sm", sm: "lg" }}
    >
      <button type="button" className="skip-link" onClick={() => content.current?.focus()}>
        {t("skipToContent")}
      </button>
      <AppShell.Header>
        <Group h="100%" px="md" wrap="nowrap">
          <Burger
            opened={isOpen}
            onClick={toggle}
            hiddenFrom="sm"
            size="sm"
            aria-label={t("navigation")}
            aria-expanded={isOpen}
          />
          <Text fw={700} size="lg" component={Link} to="/" className="plain-link">
            {t("product")}
          </Text>
        </Group>
      </AppShell.Header>
      {/* closed it is moved out of sight, where the keyboard would still get */}
      <AppShell.Navbar p="sm" aria-label={t("navigation")} inert={isNarrow && !isOpen}>
        <AppShell.Section grow>
          <Places />
        </AppShell.Section>
        <AppShell.Section>
          <Preferences />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main ref={content} tabIndex={-1}>
        <Unreachable />
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}

function Places() {
  const { t } = useTranslation("shell");
  const { pathname } = useLocation();
  const isIn = (path: string) => pathname === path || pathname.startsWith(`${path}/`);
  return placesFor(useSession().bearer.permissions).map(({ path, within = [], text }) => (
    <NavLink
      key={path}
      component={Link}
      to={path}
      label={t(text)}
      active={[path, ...within].some(isIn)}
      aria-current={isIn(path) ? "page" : within.some(isIn) || undefined}
    />
  ));
}
