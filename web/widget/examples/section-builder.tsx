import { assertCoreUntouched, SectionBuilder, type SectionConfig, scoresSection } from "@steadyscore/scores-display";
import { useState } from "react";

const FROM_THE_SERVER: SectionConfig[] = [
  { "section-id": "household", "section-title": "Household", "section-editable": true, panels: [] },
  scoresSection(),
];

/** Edits a user interface's sections; the scores' section is locked. */
export function SectionsPage({ onSave }: { onSave: (sections: readonly SectionConfig[]) => Promise<void> }) {
  const [sections, setSections] = useState<readonly SectionConfig[]>(FROM_THE_SERVER);

  async function save() {
    // the same rule for whatever else has changed the sections; it throws a SectionEditError
    assertCoreUntouched(FROM_THE_SERVER, sections);
    await onSave(sections);
  }

  return (
    <>
      <SectionBuilder sections={sections} onChange={setSections} coreSections="lock" />
      <button type="button" onClick={() => void save()}>
        Save
      </button>
    </>
  );
}
