import axe from "axe-core";

/** What axe finds, one line each; nothing where all is well. jsdom paints nothing: colours are checked in Chromium. */
export async function accessibilityProblems(container: Element): Promise<string[]> {
  const found = await axe.run(container, { rules: { "color-contrast": { enabled: false } } });
  return found.violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${violation.help} (${node.target.join(" ")})`),
  );
}
