/** Between a definition as the API has it and as it stands in a form. */

import type { Schemas } from "../api/client";
import { isSame } from "../records/attributes";
import type { NewDefinition } from "./queries";
import { type Definition, type DefinitionDraft, readConfig } from "./rules";

type Config = Record<string, unknown>;

export function emptyDraft(): DefinitionDraft {
  return { scoreType: "", isWeighted: false, attributes: [], config: "", quietPeriod: "", maxWait: "" };
}

export function draftOf(definition: Definition, isWeighted: boolean): DefinitionDraft {
  const { score_config } = definition;
  return {
    scoreType: definition.score_type,
    isWeighted,
    attributes: definition.contributing_attributes,
    config: Object.keys(score_config).length === 0 ? "" : JSON.stringify(score_config, null, 2),
    quietPeriod: definition.debounce.quiet_period,
    maxWait: definition.debounce.max_wait,
  };
}

/** Of a draft that has no flaws. */
export function newDefinition(registerId: string, draft: DefinitionDraft): NewDefinition {
  const body = {
    register_id: registerId,
    score_type: draft.scoreType,
    score_config: configOf(draft),
    ...(draft.quietPeriod !== "" && { debounce: debounceOf(draft) }),
  };
  if (draft.isWeighted) return { isWeighted: true, body };
  return { isWeighted: false, body: { ...body, contributing_attributes: draft.attributes } };
}

/** Only what differs: what is sent again may be written differently (1.0 and 1), and would count as a change. */
export function changesOf(before: DefinitionDraft, draft: DefinitionDraft): Partial<Schemas["UpdateScoreDefinition"]> {
  const changes: Partial<Schemas["UpdateScoreDefinition"]> = {};
  if (!isSame(before.attributes, draft.attributes)) changes.contributing_attributes = draft.attributes;
  if (!isSame(configOf(before), configOf(draft))) changes.score_config = configOf(draft);
  if (!isSame(debounceOf(before), debounceOf(draft))) changes.debounce = debounceOf(draft);
  return changes;
}

/** Whether a definition says something else by now in what a form changes. */
export function isOvertaken(seen: Definition, now: Definition): boolean {
  return Object.keys(changesOf(draftOf(seen, false), draftOf(now, false))).length > 0;
}

function configOf({ config }: DefinitionDraft): Config {
  const read = readConfig(config);
  return "value" in read ? (read.value as Config) : {};
}

function debounceOf({ quietPeriod, maxWait }: DefinitionDraft): Schemas["Debounce"] {
  return { quiet_period: Number(quietPeriod), max_wait: Number(maxWait) };
}
