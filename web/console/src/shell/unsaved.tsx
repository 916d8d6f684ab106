import { Button, Group, Modal, Text } from "@mantine/core";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useBlocker } from "react-router";

/** Asks before a page is left whose changes were not saved. `isDirty` is asked at the moment of leaving. */
export function Unsaved({ isDirty }: { isDirty: () => boolean }) {
  // without changes there is nothing to guard, and the router would warn of addresses typed by hand
  return isDirty() && <Guard isDirty={isDirty} />;
}

function Guard({ isDirty }: { isDirty: () => boolean }) {
  const { t } = useTranslation("shell");
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => currentLocation.pathname !== nextLocation.pathname && isDirty(),
  );
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (isDirty()) event.preventDefault();
    };
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [isDirty]);
  return (
    <Modal
      opened={blocker.state === "blocked"}
      onClose={() => blocker.reset?.()}
      title={t("unsavedTitle")}
      closeButtonProps={{ "aria-label": t("stay") }}
    >
      <Text>{t("unsavedText")}</Text>
      <Group mt="md" justify="flex-end">
        <Button variant="default" data-autofocus onClick={() => blocker.reset?.()}>
          {t("stay")}
        </Button>
        <Button color="red" onClick={() => blocker.proceed?.()}>
          {t("leave")}
        </Button>
      </Group>
    </Modal>
  );
}
