import { type ChangeEvent, useId, useState } from "react";
import { useLanguage } from "../language";
import { SectionEditError } from "./core-guard";
import { sectionFromJson } from "./section-edits";
import { titleOf } from "./section-title";
import type { SectionConfig } from "./sections";

interface SectionJsonProps {
  section: SectionConfig;
  onCancel: () => void;
  /** Throws a `SectionEditError` where the section is refused. */
  onApply: (section: SectionConfig) => void;
}

/** A section as JSON; what is wrong with it is told, and what was typed stays. */
export function SectionJson({ section, onCancel, onApply }: SectionJsonProps) {
  const { t } = useLanguage();
  const [json, setJson] = useState(() => JSON.stringify(section, null, 2));
  const [refusal, setRefusal] = useState<SectionEditError>();
  const refusalId = useId();

  function type(event: ChangeEvent<HTMLTextAreaElement>) {
    setJson(event.target.value);
    setRefusal(undefined);
  }

  function apply() {
    try {
      onApply(sectionFromJson(json, section["section-id"]));
    } catch (error) {
      if (!(error instanceof SectionEditError)) throw error;
      setRefusal(error);
    }
  }

  return (
    <div className="scores-section-json">
      <textarea
        aria-label={t("sections.json", { title: titleOf(section) })}
        aria-invalid={refusal !== undefined}
        aria-describedby={refusalId}
        dir="ltr"
        rows={16}
        spellCheck={false}
        value={json}
        onChange={type}
      />
      <div id={refusalId} role="alert">
        {refusal && <Refusal refusal={refusal} />}
      </div>
      <div className="scores-section-controls">
        <button type="button" onClick={apply}>
          {t("sections.apply")}
        </button>
        <button type="button" onClick={onCancel}>
          {t("sections.cancel")}
        </button>
      </div>
    </div>
  );
}

/** Why it was refused; what a parser says of single places is English. */
function Refusal({ refusal }: { refusal: SectionEditError }) {
  const { t } = useLanguage();
  return (
    <>
      <p>{t(`sections.${refusal.problem}`, { id: refusal.sectionId })}</p>
      {refusal.details.length > 0 && (
        <ul lang="en" dir="ltr">
          {refusal.details.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              {path !== "" && <code>{path}</code>} {message}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
