/**
 * All that can be done to a user interface's sections, each as a new list; what must not be done is refused.
 * A section is told by its place, as two may have the same id until somebody mends it.
 */

import { issuePath } from "../issue-sentence";
import { assertCoreUntouched, isCore, SectionEditError } from "./core-guard";
import { type SectionConfig, sectionConfig } from "./sections";

type Sections = readonly SectionConfig[];
type Neighbour = (section: SectionConfig) => boolean;

/** `at`: before which section; at the end where it is left out. */
export function addSection(sections: Sections, section: SectionConfig, at = sections.length): SectionConfig[] {
  return checked(sections, sections.toSpliced(at, 0, section));
}

export function renameSection(sections: Sections, place: number, title: string): SectionConfig[] {
  return replaceSection(sections, place, { ...sectionAt(sections, place), "section-title": title });
}

export function replaceSection(sections: Sections, place: number, section: SectionConfig): SectionConfig[] {
  sectionAt(sections, place);
  return checked(sections, sections.with(place, section));
}

export function removeSection(sections: Sections, place: number): SectionConfig[] {
  sectionAt(sections, place);
  return checked(sections, sections.toSpliced(place, 1));
}

/** One place up (-1) or down (1); past all that are no `neighbour`s to the next that is. At the end it stays. */
export function moveSection(
  sections: Sections,
  from: number,
  by: -1 | 1,
  neighbour: Neighbour = () => true,
): SectionConfig[] {
  const moved = sectionAt(sections, from);
  if (isCore(moved)) throw new SectionEditError("coreMoved", moved["section-id"]);
  const to = placeBeside(sections, from, by, neighbour);
  return to === -1 ? [...sections] : checked(sections, sections.toSpliced(from, 1).toSpliced(to, 0, moved));
}

/** Where `moveSection` would move it; -1 where it would not. */
export function placeBeside(sections: Sections, from: number, by: -1 | 1, neighbour: Neighbour = () => true): number {
  return by === 1
    ? sections.findIndex((section, place) => place > from && neighbour(section))
    : sections.findLastIndex((section, place) => place < from && neighbour(section));
}

/** An empty section, with an id that no other has. */
export function newSection(sections: Sections, title: string): SectionConfig {
  const taken = new Set(sections.map((section) => section["section-id"]));
  let count = sections.length + 1;
  while (taken.has(`section-${count}`)) count++;
  return { "section-id": `section-${count}`, "section-title": title, "section-editable": true, panels: [] };
}

/** What somebody typed, as a section; each place that is wrong is told. */
export function sectionFromJson(json: string, id: string): SectionConfig {
  const read = sectionConfig.safeParse(parsed(json, id));
  if (read.success) return read.data;
  const details = read.error.issues.map((issue) => ({ path: issuePath(issue), message: issue.message }));
  throw new SectionEditError("invalid", id, details);
}

function parsed(json: string, id: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new SectionEditError("noJson", id, [{ path: "", message: error instanceof Error ? error.message : "" }]);
  }
}

function checked(before: Sections, after: SectionConfig[]): SectionConfig[] {
  assertCoreUntouched(before, after);
  // what stood twice before may do so until somebody mends it
  const known = repeatedIds(before);
  const twice = repeatedIds(after).find((id) => !known.includes(id));
  if (twice !== undefined) throw new SectionEditError("idTaken", twice);
  return after;
}

function repeatedIds(sections: Sections): string[] {
  const ids = sections.map((section) => section["section-id"]);
  return ids.filter((id, place) => ids.indexOf(id) !== place);
}

function sectionAt(sections: Sections, place: number): SectionConfig {
  const section = sections[place];
  if (section === undefined) throw new SectionEditError("unknownSection", String(place));
  return section;
}
