import { VisuallyHidden } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Change } from "./attributes";
import "./records.css";
import { Path, Value } from "./value";

/** Line by line what changes into what. */
export function ChangeList({ changes }: { changes: Change[] }) {
  const { t } = useTranslation("records");
  return (
    <ul className="record-items">
      {changes.map(({ path, before, after }) => (
        <li key={path}>
          <Path>{path}</Path>: <Value value={before} isInline />{" "}
          <span aria-hidden className="record-arrow">
            →
          </span>
          <VisuallyHidden>{t("becomes")}</VisuallyHidden> <Value value={after} isInline />
        </li>
      ))}
    </ul>
  );
}
