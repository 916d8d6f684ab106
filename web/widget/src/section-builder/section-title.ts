import type { SectionConfig } from "./sections";

/** What a section is called: by its title, where it has one. */
export function titleOf(section: SectionConfig): string {
  return section["section-title"] || section["section-id"];
}
