import { useId, useState } from "react";
import { TextsProvider, useLanguage } from "../language";
import { isCore } from "./core-guard";
import { CoreSection } from "./core-section";
import { OrdinarySection } from "./ordinary-section";
import {
  addSection,
  canMove,
  moveSection,
  newSection,
  removeSection,
  renameSection,
  replaceSection,
} from "./section-edits";
import { titleOf } from "./section-title";
import type { SectionConfig } from "./sections";

export interface SectionBuilderProps {
  sections: readonly SectionConfig[];
  onChange: (sections: SectionConfig[]) => void;
  /** What becomes of sections with `section-is-core`: shown, but without controls, or not shown. */
  coreSections?: "lock" | "hide" | undefined;
  headingLevel?: 2 | 3 | 4 | 5 | 6 | undefined;
}

interface Removed {
  section: SectionConfig;
  place: number;
}

/** A user interface's sections: ordinary ones can be renamed, moved, removed, added and edited, core ones only seen. */
export function SectionBuilder(props: SectionBuilderProps) {
  return (
    <TextsProvider>
      <Sections {...props} />
    </TextsProvider>
  );
}

function Sections({ sections, onChange, coreSections = "lock", headingLevel = 3 }: SectionBuilderProps) {
  const { t, direction } = useLanguage();
  const [news, setNews] = useState("");
  const [removed, setRemoved] = useState<Removed>();
  const [focused, setFocused] = useState<string>();
  const labelId = useId();
  const Heading = `h${headingLevel}` as const;
  const isSeen = (section: SectionConfig) => coreSections === "lock" || !isCore(section);
  const seen = sections.filter(isSeen);

  function move(section: SectionConfig, by: -1 | 1) {
    const id = section["section-id"];
    const moved = moveSection(sections, id, by, isSeen);
    onChange(moved);
    const place = moved.filter(isSeen).findIndex((one) => one["section-id"] === id) + 1;
    setNews(t("sections.moved", { title: titleOf(section), place, count: seen.length }));
  }

  function remove(section: SectionConfig) {
    onChange(removeSection(sections, section["section-id"]));
    setRemoved({ section, place: sections.indexOf(section) });
    setNews(t("sections.removed", { title: titleOf(section) }));
  }

  function add(section: SectionConfig, place?: number) {
    onChange(addSection(sections, section, place));
    setRemoved(undefined);
    setFocused(section["section-id"]);
  }

  return (
    <section className="scores-sections" aria-labelledby={labelId} dir={direction}>
      <Heading id={labelId}>{t("sections.label")}</Heading>
      {seen.length === 0 && <p>{t("sections.empty")}</p>}
      <ol className="scores-sections-list">
        {seen.map((section) => {
          const id = section["section-id"];
          if (isCore(section)) return <CoreSection key={id} section={section} />;
          return (
            <OrdinarySection
              key={id}
              section={section}
              isFocused={focused === id}
              canMoveUp={canMove(sections, id, -1, isSeen)}
              canMoveDown={canMove(sections, id, 1, isSeen)}
              onMove={(by) => move(section, by)}
              onRemove={() => remove(section)}
              onRename={(title) => onChange(renameSection(sections, id, title))}
              onReplace={(replacement) => {
                onChange(replaceSection(sections, id, replacement));
                setFocused(replacement["section-id"]);
              }}
            />
          );
        })}
      </ol>
      <p className="scores-sections-news" aria-live="polite">
        {news}
      </p>
      {removed !== undefined && (
        // biome-ignore lint/a11y/noAutofocus: the button that had the focus went with the section
        <button type="button" autoFocus onClick={() => add(removed.section, Math.min(removed.place, sections.length))}>
          {t("sections.undo", { title: titleOf(removed.section) })}
        </button>
      )}
      <button type="button" onClick={() => add(newSection(sections, t("sections.newTitle")))}>
        {t("sections.add")}
      </button>
    </section>
  );
}
