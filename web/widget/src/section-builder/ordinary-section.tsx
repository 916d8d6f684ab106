import { useEffect, useId, useRef, useState } from "react";
import { useLanguage } from "../language";
import { SectionJson } from "./section-json";
import { titleOf } from "./section-title";
import type { SectionConfig } from "./sections";

interface OrdinarySectionProps {
  section: SectionConfig;
  /** Whether its title takes the focus when this becomes true. */
  isFocused: boolean;
  canMoveUp: boolean;
  canMoveDown: boolean;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
  onRename: (title: string) => void;
  /** Throws a `SectionEditError` where the section is refused. */
  onReplace: (section: SectionConfig) => void;
}

/** A section with its controls. */
export function OrdinarySection({ section, isFocused, onRename, onReplace, ...moves }: OrdinarySectionProps) {
  const { t } = useLanguage();
  const [isEditing, setIsEditing] = useState(false);
  const titleField = useRef<HTMLInputElement>(null);
  const editButton = useRef<HTMLButtonElement>(null);
  const titleId = useId();
  const title = titleOf(section);
  useEffect(() => {
    if (isFocused) titleField.current?.focus();
  }, [isFocused]);

  function close() {
    setIsEditing(false);
    editButton.current?.focus();
  }

  return (
    <li className="scores-section">
      <div className="scores-section-head">
        <label htmlFor={titleId}>{t("sections.shortTitle")}</label>
        <input
          ref={titleField}
          id={titleId}
          aria-label={t("sections.title", { id: section["section-id"] })}
          dir="auto"
          value={section["section-title"] ?? ""}
          onChange={(event) => onRename(event.target.value)}
        />
        <bdi className="scores-section-id">{section["section-id"]}</bdi>
      </div>
      <div className="scores-section-controls">
        <Moves title={title} {...moves} />
        <button
          ref={editButton}
          type="button"
          aria-label={t("sections.edit", { title })}
          aria-expanded={isEditing}
          onClick={() => setIsEditing(!isEditing)}
        >
          {t("sections.shortEdit")}
        </button>
        <button type="button" aria-label={t("sections.remove", { title })} onClick={moves.onRemove}>
          {t("sections.shortRemove")}
        </button>
      </div>
      {isEditing && (
        <SectionJson
          section={section}
          onCancel={close}
          onApply={(replacement) => {
            onReplace(replacement);
            close();
          }}
        />
      )}
    </li>
  );
}

type MovesProps = Pick<OrdinarySectionProps, "canMoveUp" | "canMoveDown" | "onMove"> & { title: string };

/** At the ends the buttons stay focusable, so that who moves by keyboard does not fall out of the list. */
function Moves({ title, canMoveUp, canMoveDown, onMove }: MovesProps) {
  const { t } = useLanguage();
  return (
    <>
      <button
        type="button"
        aria-label={t("sections.up", { title })}
        aria-disabled={!canMoveUp}
        onClick={() => canMoveUp && onMove(-1)}
      >
        <span aria-hidden="true">↑</span>
      </button>
      <button
        type="button"
        aria-label={t("sections.down", { title })}
        aria-disabled={!canMoveDown}
        onClick={() => canMoveDown && onMove(1)}
      >
        <span aria-hidden="true">↓</span>
      </button>
    </>
  );
}
