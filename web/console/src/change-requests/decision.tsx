import { Button, Group, Modal, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Problem } from "../api/problem";
import { useMay } from "../session/session";
import { useWords } from "../shell/words";
import { useDecide, type Verdict } from "./queries";

/** Approve and reject, for whoever may; says what came of it. Scores follow by themselves, nothing here waits for them. */
export function Decision({ changeRequestId }: { changeRequestId: string }) {
  const { t } = useTranslation("changeRequests");
  const may = useMay("changeRequest:approve");
  const [isAsked, setAsked] = useState(false);
  const { decide, isPending } = useVerdict(changeRequestId);
  const buttons = useRef<HTMLDivElement>(null);
  if (!may) return null;

  const pass = (verdict: Verdict) => {
    // the buttons go away with the decision: the reader stays where they stood
    const place = buttons.current?.closest<HTMLElement>("[role=region], main");
    setAsked(false);
    void decide(verdict).then(() => place?.focus());
  };
  return (
    <>
      <Group ref={buttons} gap="xs" wrap="nowrap">
        <Button
          size="compact-sm"
          loading={isPending}
          onClick={() => pass("approve")}
          aria-label={t("approveOne", { id: changeRequestId })}
        >
          {t("approve")}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          disabled={isPending}
          onClick={() => setAsked(true)}
          aria-label={t("rejectOne", { id: changeRequestId })}
        >
          {t("reject")}
        </Button>
      </Group>
      <Modal
        opened={isAsked}
        onClose={() => setAsked(false)}
        title={t("rejectOne", { id: changeRequestId })}
        closeButtonProps={{ "aria-label": t("keep") }}
      >
        <Text>{t("rejectMeans")}</Text>
        <Group mt="md" justify="flex-end">
          <Button variant="default" onClick={() => setAsked(false)} data-autofocus>
            {t("keep")}
          </Button>
          <Button color="red" onClick={() => pass("reject")}>
            {t("reject")}
          </Button>
        </Group>
      </Modal>
    </>
  );
}

function useVerdict(id: string) {
  const { t } = useTranslation("changeRequests");
  const words = useWords();
  const { mutateAsync, isPending } = useDecide();
  const decide = async (verdict: Verdict) => {
    try {
      await mutateAsync({ id, verdict });
      notifications.show({ color: "teal", message: t(verdict === "approve" ? "isApproved" : "isRejected", { id }) });
    } catch (reason) {
      const isLate = reason instanceof Problem && reason.status === 409;
      notifications.show({
        color: isLate ? "yellow" : "red",
        title: isLate ? t("decidedMeanwhile") : t("notDecided", { id }),
        message: words(reason),
        autoClose: 10_000,
      });
    }
  };
  return { decide, isPending };
}
