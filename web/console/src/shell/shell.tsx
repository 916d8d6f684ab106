import { AppShell, Burger, Button, Group, NavLink, Select, Stack, Text, useMantineColorScheme } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link, Outlet, useLocation } from "react-router";
import { type Permission, useSession } from "../session/session";
import { LANGUAGES } from "../texts";

interface Place {
  path: string;
  text: "registers" | "changeRequests" | "work" | "definitions" | "builders";
  /** Any one of these shows it. */
  permissions: Permission[];
}

const PLACES: Place[] = [
  { path: "/registers", text: "registers", permissions: ["register:view"] },
  { path: "/change-requests", text: "changeRequests", permissions: ["changeRequest:view"] },
  { path: "/work", text: "work", permissions: ["registerScore:view"] },
  { path: "/definitions", text: "definitions", permissions: ["registerDefinition:view"] },
  { path: "/builders", text: "builders", permissions: ["builder:view", "builder:participate"] },
];

/** What stands around every page. */
export function Shell() {
  const { t } = useTranslation("shell");
  const [isOpen, { toggle, close }] = useDisclosure();
  const content = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const { bearer } = useSession();
  const places = PLACES.filter(({ permissions }) => permissions.some((one) => bearer.permissions.includes(one)));
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
          <Burger opened={isOpen} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t("navigation")} />
          <Text fw={700} size="lg" component={Link} to="/" className="plain-link">
            {t("product")}
          </Text>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label={t("navigation")}>
        <AppShell.Section grow>
          {places.map(({ path, text }) => (
            <NavLink
              key={path}
              component={Link}
              to={path}
              label={t(text)}
              active={pathname.startsWith(path)}
              aria-current={pathname.startsWith(path) ? "page" : undefined}
            />
          ))}
        </AppShell.Section>
        <AppShell.Section>
          <Preferences />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main ref={content} tabIndex={-1}>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}

function Preferences() {
  const { t, i18n } = useTranslation("shell");
  const { bearer, signOut } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Stack gap="xs">
      <Select
        size="xs"
        label={t("language")}
        allowDeselect={false}
        data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
        value={i18n.language}
        onChange={(language) => language !== null && void i18n.changeLanguage(language)}
      />
      <Select
        size="xs"
        label={t("colorScheme")}
        allowDeselect={false}
        data={(["auto", "light", "dark"] as const).map((value) => ({ value, label: t(value) }))}
        value={colorScheme}
        onChange={(scheme) => scheme !== null && setColorScheme(scheme as typeof colorScheme)}
      />
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" truncate>
          {bearer.username ?? bearer.subject}
        </Text>
        <Button variant="subtle" size="compact-sm" onClick={signOut}>
          {t("signOut")}
        </Button>
      </Group>
    </Stack>
  );
}
