import { Group, Stack, Title } from "@mantine/core";
import type { ReactNode } from "react";

interface PartProps {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
}

/** A part of a page, under a heading of its own. */
export function Part({ title, aside, children }: PartProps) {
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={2}>{title}</Title>
        {aside}
      </Group>
      {children}
    </Stack>
  );
}
