import { useId } from "react";
import { TextsProvider, useLanguage } from "../language";
import type { HeadingLevel } from "../score-actions";
import { isCore } from "./core-guard";
import { CoreSection } from "./core-section";
import { OrdinarySection } from "./ordinary-section";
import { newSection, placeBeside } from "./section-edits";
import { titleOf } from "./section-title";
import type { SectionConfig } from "./sections";
import { keysOf, useSectionEdits } from "./use-section-edits";

export interface SectionBuilderProps {
  sections: readonly SectionConfig[];
  onChange: (sections: SectionConfig[]) => void;
  /** What becomes of sections with `section-is-core`: shown, but without controls, or not shown. */
  coreSections?: "lock" | "hide" | undefined;
  headingLevel?: HeadingLevel | undefined;
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
  const labelId = useId();
  const Heading = `h${headingLevel}` as const;
  const isSeen = (section: SectionConfig) => coreSections === "lock" || !isCore(section);
  const { news, removed, focused, ...edits } = useSectionEdits(sections, onChange, isSeen);
  const keys = keysOf(sections);
  return (
    <section className="scores-sections" aria-labelledby={labelId} dir={direction}>
      <Heading id={labelId}>{t("sections.label")}</Heading>
      {!sections.some(isSeen) && <p>{t("sections.empty")}</p>}
      <ol className="scores-sections-list">
        {sections.map((section, place) => {
          if (!isSeen(section)) return null;
          const key = keys[place];
          if (isCore(section)) return <CoreSection key={key} section={section} />;
          return (
            <OrdinarySection
              key={key}
              section={section}
              isFocused={focused === key}
              canMoveUp={placeBeside(sections, place, -1, isSeen) !== -1}
              canMoveDown={placeBeside(sections, place, 1, isSeen) !== -1}
              onMove={(by) => edits.move(section, place, by)}
              onRemove={() => edits.remove(section, place)}
              onRename={(title) => edits.rename(place, title)}
              onReplace={(replacement) => edits.replace(place, replacement)}
            />
          );
        })}
      </ol>
      <p className="scores-sections-news" aria-live="polite">
        {news}
      </p>
      {removed !== undefined && (
        // biome-ignore lint/a11y/noAutofocus: the button that had the focus went with the section
        <button key={removed.count} type="button" autoFocus onClick={() => edits.undo(removed)}>
          {t("sections.undo", { title: titleOf(removed.section) })}
        </button>
      )}
      <button type="button" onClick={() => edits.add(newSection(sections, t("sections.newTitle")))}>
        {t("sections.add")}
      </button>
    </section>
  );
}
