import { createTheme, DirectionProvider, MantineProvider, useDirection } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { i18n } from "i18next";
import { useEffect, useState } from "react";
import { I18nextProvider } from "react-i18next";
import { createHashRouter, Navigate, RouterProvider } from "react-router";
import { Problem } from "./api/problem";
import { builderRoutes } from "./builders/routes";
import { definitionRoutes } from "./definitions/routes";
import { registerRoutes } from "./registers/routes";
import { SignedIn } from "./session/signed-in";
import { Shell } from "./shell/shell";
import { directionOf } from "./texts";
import { workRoutes } from "./work/routes";

const theme = createTheme({ primaryColor: "indigo", defaultRadius: "sm", autoContrast: true });

/** Behind `#`, as the paths before it are the API's. */
const router = createHashRouter([
  {
    Component: Shell,
    children: [
      { index: true, element: <Navigate to="/registers" replace /> },
      ...registerRoutes,
      ...definitionRoutes,
      ...workRoutes,
      ...builderRoutes,
      { path: "*", element: <Navigate to="/registers" replace /> },
    ],
  },
]);

export function makeQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // what was refused is refused again; what passes is tried for as long as somebody looks
        retry: (failures, error) => error instanceof Problem && error.isPassing && failures < 5,
        retryDelay: (failures) => Math.min(500 * 2 ** failures, 5_000),
        staleTime: 2_000,
      },
    },
  });
}

export function App({ translations }: { translations: i18n }) {
  const [queries] = useState(makeQueries);
  return (
    <I18nextProvider i18n={translations}>
      <DirectionProvider initialDirection={directionOf(translations.language)}>
        <MantineProvider theme={theme} defaultColorScheme="auto">
          <Direction translations={translations} />
          <Notifications position="bottom-right" />
          <QueryClientProvider client={queries}>
            <SignedIn>
              <RouterProvider router={router} />
            </SignedIn>
          </QueryClientProvider>
        </MantineProvider>
      </DirectionProvider>
    </I18nextProvider>
  );
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
