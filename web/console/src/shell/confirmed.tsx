import { Button, type ButtonProps, Group, Modal, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface ConfirmedProps extends ButtonProps {
  label: string;
  /** Its name for who hears it, where the label alone says too little. */
  ariaLabel?: string;
  question: string;
  children: ReactNode;
  onConfirm: () => void;
}

/** A button whose deed cannot be taken back: it asks first. */
export function Confirmed({ label, ariaLabel, question, children, onConfirm, ...button }: ConfirmedProps) {
  const { t } = useTranslation("shell");
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <>
      <Button {...button} onClick={open} aria-label={ariaLabel}>
        {label}
      </Button>
      <Modal opened={isOpen} onClose={close} title={question} closeButtonProps={{ "aria-label": t("back") }}>
        <Text>{children}</Text>
        <Group mt="md" justify="flex-end">
          <Button variant="default" data-autofocus onClick={close}>
            {t("back")}
          </Button>
          <Button
            color="red"
            onClick={() => {
              close();
              onConfirm();
            }}
          >
            {label}
          </Button>
        </Group>
      </Modal>
    </>
  );
}
