/** All that can be done to a user interface's sections, each as a new list; what must not be done is refused. */

import { assertCoreUntouched, isCore, SectionEditError } from "./core-guard";
import { type SectionConfig, sectionConfig } from "./sections";

type Sections = readonly SectionConfig[];

/** `at`: before which section; at the end where it is left out. */
export function addSection(sections: Sections, section: SectionConfig, at = sections.length): SectionConfig[] {
  return checked(sections, sections.toSpliced(at, 0, section));
}

export function renameSection(sections: Sections, id: string, title: string): SectionConfig[] {
  const place = placeOf(sections, id);
  const renamed = sections.slice(place, place + 1).map((section) => ({ ...section, "section-title": title }));
  return checked(sections, sections.toSpliced(place, 1, ...renamed));
}

export function replaceSection(sections: Sections, id: string, section: SectionConfig): SectionConfig[] {
  return checked(sections, sections.with(placeOf(sections, id), section));
}

export function removeSection(sections: Sections, id: string): SectionConfig[] {
  return checked(sections, sections.toSpliced(placeOf(sections, id), 1));
}

/** One place up (-1) or down (1); past all that are no `neighbour`s to the next that is. At the end it stays. */
export function moveSection(
  sections: Sections,
  id: string,
  by: -1 | 1,
  neighbour: (section: SectionConfig) => boolean = () => true,
): SectionConfig[] {
  const from = placeOf(sections, id);
  const to = placeBeside(sections, from, by, neighbour);
  const moved = sections.slice(from, from + 1);
  if (moved.some(isCore)) throw new SectionEditError("coreMoved", id);
  return to === -1 ? [...sections] : checked(sections, sections.toSpliced(from, 1).toSpliced(to, 0, ...moved));
}

/** Whether `moveSection` would move it. */
export function canMove(
  sections: Sections,
  id: string,
  by: -1 | 1,
  neighbour: (section: SectionConfig) => boolean = () => true,
): boolean {
  return placeBeside(sections, placeOf(sections, id), by, neighbour) !== -1;
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
  const details = read.error.issues.map(({ path, message }) => ({ path: path.map(String).join("."), message }));
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

function placeOf(sections: Sections, id: string): number {
  const place = sections.findIndex((section) => section["section-id"] === id);
  if (place === -1) throw new SectionEditError("unknownSection", id);
  return place;
}

function placeBeside(
  sections: Sections,
  from: number,
  by: -1 | 1,
  neighbour: (section: SectionConfig) => boolean,
): number {
  return by === 1
    ? sections.findIndex((section, place) => place > from && neighbour(section))
    : sections.findLastIndex((section, place) => place < from && neighbour(section));
}
