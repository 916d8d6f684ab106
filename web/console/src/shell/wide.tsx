import { Box } from "@mantine/core";
import type { ReactNode } from "react";

/** What may be wider than the screen: it scrolls within its own box, by keyboard, too. */
export function Wide({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Box role="region" aria-label={label} tabIndex={0} className="wide">
      {children}
    </Box>
  );
}
