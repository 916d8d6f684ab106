import { useState } from "react";
import { useLanguage } from "../language";
import { SectionEditError } from "./core-guard";
import { addSection, moveSection, placeBeside, removeSection, renameSection, replaceSection } from "./section-edits";
import { titleOf } from "./section-title";
import type { SectionConfig } from "./sections";

interface Removed {
  section: SectionConfig;
  place: number;
  /** Another number for each removal. */
  count: number;
}

/** The edits of a section builder, and what is to be said and where the focus goes after each; refusals are said. */
export function useSectionEdits(
  sections: readonly SectionConfig[],
  onChange: (sections: SectionConfig[]) => void,
  isSeen: (section: SectionConfig) => boolean,
) {
  const { t } = useLanguage();
  const [news, setNews] = useState("");
  const [removed, setRemoved] = useState<Removed>();
  const [focused, setFocused] = useState<string>();

  function attempt(edit: () => string) {
    try {
      setNews(edit());
    } catch (error) {
      if (!(error instanceof SectionEditError)) throw error;
      setNews(t(`sections.${error.problem}`, { id: error.sectionId }));
    }
  }

  function move(section: SectionConfig, from: number, by: -1 | 1) {
    const moved = moveSection(sections, from, by, isSeen);
    onChange(moved);
    const before = moved.slice(0, placeBeside(sections, from, by, isSeen)).filter(isSeen);
    const count = moved.filter(isSeen).length;
    return t("sections.moved", { title: titleOf(section), place: before.length + 1, count });
  }

  function remove(section: SectionConfig, place: number) {
    onChange(removeSection(sections, place));
    setRemoved({ section, place, count: (removed?.count ?? 0) + 1 });
    return t("sections.removed", { title: titleOf(section) });
  }

  function add(section: SectionConfig, place = sections.length) {
    const added = addSection(sections, section, place);
    onChange(added);
    setRemoved(undefined);
    setFocused(keysOf(added)[place]);
    return "";
  }

  return {
    news,
    removed,
    focused,
    move: (section: SectionConfig, place: number, by: -1 | 1) => attempt(() => move(section, place, by)),
    remove: (section: SectionConfig, place: number) => attempt(() => remove(section, place)),
    add: (section: SectionConfig) => attempt(() => add(section)),
    undo: ({ section, place }: Removed) => attempt(() => add(section, Math.min(place, sections.length))),
    rename: (place: number, title: string) =>
      attempt(() => {
        onChange(renameSection(sections, place, title));
        return "";
      }),
    /** Throws a `SectionEditError` where it is refused: that is said where it was typed. */
    replace(place: number, replacement: SectionConfig) {
      const replaced = replaceSection(sections, place, replacement);
      onChange(replaced);
      setFocused(keysOf(replaced)[place]);
    },
  };
}

/** One for each section: ids alone may stand twice. */
export function keysOf(sections: readonly SectionConfig[]): string[] {
  const seen = new Map<string, number>();
  return sections.map(({ "section-id": id }) => {
    const count = seen.get(id) ?? 0;
    seen.set(id, count + 1);
    return `${count} ${id}`;
  });
}
