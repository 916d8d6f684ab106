import { Button, Group, Select, Stack, Text, useMantineColorScheme } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSession } from "../session/session";
import { LANGUAGES } from "../texts";

/** Language and appearance, which this browser keeps; who one is, and the way out. */
export function Preferences() {
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
          <bdi>{bearer.username ?? bearer.subject}</bdi>
        </Text>
        <Button variant="subtle" size="compact-sm" onClick={signOut} flex="none">
          {t("signOut")}
        </Button>
      </Group>
    </Stack>
  );
}
