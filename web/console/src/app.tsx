import {
  Alert,
  type CSSVariablesResolver,
  createTheme,
  DirectionProvider,
  MantineProvider,
  mergeThemeOverrides,
  Notification,
  useDirection,
} from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { i18n } from "i18next";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { I18nextProvider, useTranslation } from "react-i18next";
import { createHashRouter, type RouteObject, RouterProvider } from "react-router";
import { Problem } from "./api/problem";
import { builderRoutes } from "./builders/routes";
import { changeRequestRoutes } from "./change-requests/routes";
import { definitionRoutes } from "./definitions/routes";
import { recordRoutes } from "./records/routes";
import { registerRoutes } from "./registers/routes";
import { SignedIn } from "./session/signed-in";
import { BrokenPage, Home, LastResort, NotFound } from "./shell/dead-ends";
import { Shell } from "./shell/shell";
import { directionOf } from "./texts";
import { workRoutes } from "./work/routes";

const theme = createTheme({
  primaryColor: "indigo",
  // dark enough for links and badges to be read on white
  primaryShade: { light: 8, dark: 8 },
  defaultRadius: "sm",
  autoContrast: true,
  components: {
    // coloured titles on a tint of their colour are hard to read
    Alert: Alert.extend({
      styles: (_, { variant }) => (variant === "filled" ? {} : { title: { color: "var(--mantine-color-text)" } }),
    }),
  },
});

/** The library's dimmed text, its placeholders and its red are too dim for many eyes. */
const readable: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "var(--mantine-color-gray-7)",
    "--mantine-color-placeholder": "var(--mantine-color-gray-7)",
    "--mantine-color-error": "var(--mantine-color-red-9)",
  },
  dark: {
    "--mantine-color-dimmed": "var(--mantine-color-dark-1)",
    "--mantine-color-placeholder": "var(--mantine-color-dark-1)",
    "--mantine-color-error": "var(--mantine-color-red-4)",
  },
});

/** Behind `#`, as the paths before it are the API's. */
const pages: RouteObject[] = [
  {
    Component: Shell,
    children: [
      {
        ErrorBoundary: BrokenPage,
        children: [
          { index: true, Component: Home },
          ...registerRoutes,
          ...recordRoutes,
          ...changeRequestRoutes,
          ...definitionRoutes,
          ...workRoutes,
          ...builderRoutes,
          { path: "*", Component: NotFound },
        ],
      },
    ],
  },
];

const MANY_FAILURES = 5;

export function makeQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // what was refused is refused again; a server that is away is asked for as long as somebody looks
        retry: (failures, error) =>
          error instanceof Problem && (error.isNoAnswer || (error.isPassing && failures < MANY_FAILURES)),
        retryDelay: (failures) => Math.min(500 * 2 ** failures, 5_000),
        staleTime: 2_000,
        // the server may be this machine: whether there is a network does not matter
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
}

export function App({ translations }: { translations: i18n }) {
  const [queries] = useState(makeQueries);
  return (
    <I18nextProvider i18n={translations}>
      <DirectionProvider initialDirection={directionOf(translations.language)}>
        <Look>
          <Direction translations={translations} />
          <Notifications position="bottom-right" />
          <LastResort>
            <QueryClientProvider client={queries}>
              <SignedIn>
                <Pages />
              </SignedIn>
            </QueryClientProvider>
          </LastResort>
        </Look>
      </DirectionProvider>
    </I18nextProvider>
  );
}

/** The theme, with the words in it that the library does not have. */
function Look({ children }: { children: ReactNode }) {
  const { t } = useTranslation("shell");
  const close = t("close");
  const worded = useMemo(() => {
    const toast = Notification.extend({ defaultProps: { closeButtonProps: { "aria-label": close } } });
    return mergeThemeOverrides(theme, { components: { Notification: toast } });
  }, [close]);
  return (
    <MantineProvider theme={worded} cssVariablesResolver={readable} defaultColorScheme="auto">
      {children}
    </MantineProvider>
  );
}

/** Begins where the address is when one has signed in: until then it may hold a token. */
function Pages() {
  const [router] = useState(() => createHashRouter(pages));
  useEffect(() => () => router.dispose(), [router]);
  return <RouterProvider router={router} />;
}

/** The page reads as its language does. */
function Direction({ translations }: { translations: i18n }) {
  const { setDirection } = useDirection();
  useEffect(() => {
    const turn = (language: string) => {
      document.documentElement.lang = language;
      setDirection(directionOf(language));
    };
    turn(translations.language);
    translations.on("languageChanged", turn);
    return () => translations.off("languageChanged", turn);
  }, [translations, setDirection]);
  return null;
}
