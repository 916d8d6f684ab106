import { VisuallyHidden } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Change } from "./attributes";
import "./records.css";
import { Path, Value } from "./value";

interface ChangeListProps {
  changes: Change[];
  /** Whether it is known what there was before. */
  isBeside?: boolean;
}

/** Line by line what changes into what. */
export function ChangeList({ changes, isBeside = true }: ChangeListProps) {
  const { t } = useTranslation("records");
  return (
    <ul className="record-items">
      {changes.map(({ path, before, after }) => (
        <li key={path}>
          <Path>{path}</Path>:{" "}
          {isBeside && (
            <>
              <Value value={before} isInline />{" "}
              <span aria-hidden className="record-arrow">
                →
              </span>
              <VisuallyHidden>{t("becomes")}</VisuallyHidden>{" "}
            </>
          )}
          <Value value={after} isInline />
        </li>
      ))}
    </ul>
  );
}
