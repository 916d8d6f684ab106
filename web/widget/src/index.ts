export { ScoresProblem } from "./problem";
export {
  type RegisteredWidgetProps,
  type RegistrationOptions,
  registerScoresDisplay,
  SCORES_DISPLAY,
  type WidgetRegistry,
} from "./register";
export { LazyScoreHistory } from "./score-history-lazy";
export { ScoresDisplay, type ScoresDisplayProps } from "./scores-display";
export { assertCoreUntouched, type GuardedSection, isCore, SectionEditError } from "./section-builder/core-guard";
export { sectionSchema, WIDGET_TYPES } from "./section-builder/json-schema";
export { SectionBuilder, type SectionBuilderProps } from "./section-builder/section-builder";
export {
  addSection,
  moveSection,
  newSection,
  removeSection,
  renameSection,
  replaceSection,
  sectionFromJson,
} from "./section-builder/section-edits";
export {
  type BaseWidgetConfig,
  type PanelConfig,
  type SectionConfig,
  scoresSection,
  sectionConfig,
} from "./section-builder/sections";
export { addScoresTexts, NAMESPACE } from "./texts/texts";
export type {
  AskingConfig,
  DataSourceRequestHandler,
  GivenConfig,
  PastScore,
  ScoresDisplayConfig,
  ScoresHost,
} from "./types";
