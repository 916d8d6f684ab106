import { describe, expect, test } from "vitest";
import { z } from "zod";
import { sectionSchema, WIDGET_TYPES } from "./json-schema";
import { scoresSection, sectionConfig } from "./sections";
import { sectionsAreRead } from "./sections.cases";

test("the scores' section is the document's, and valid", () => {
  const section = scoresSection();

  expect(section).toEqual({
    "section-id": "scores",
    "section-title": "Computed Scores",
    "section-is-core": true,
    "section-editable": false,
    panels: [
      {
        "panel-id": "scores-panel",
        widgets: [
          {
            widget: "scores-display",
            "widget-id": "record-scores",
            "widget-data-source": {
              type: "api",
              service: "staff-portal-api",
              endpoint: "get_scores",
              params: { internal_record_id_path: "internal_record_id" },
            },
          },
        ],
      },
    ],
  });
});

test("the scores' section looks for the record's id where it is told to", () => {
  expect(JSON.stringify(scoresSection("person.id"))).toContain('{"internal_record_id_path":"person.id"}');
});

describe("sections", sectionsAreRead);

test("the JSON schema says the same as the zod schema, place by place", () => {
  const ours = placesOf(sectionSchema);
  const zods = placesOf(z.toJSONSchema(sectionConfig, { io: "input", target: "draft-7", reused: "inline" }));

  expect(ours).toEqual(zods);
  expect(ours).toContain("panels[].widgets[].widget-data-source|0.options[].value: string or number, required");
});

test("editors are told of the widget", () => {
  expect(WIDGET_TYPES).toContain("scores-display");
});

interface Schema {
  $ref?: string;
  type?: string | readonly string[];
  const?: string;
  enum?: readonly string[];
  minLength?: number;
  minimum?: number;
  properties?: Record<string, Schema>;
  required?: readonly string[];
  items?: Schema;
  additionalProperties?: Schema;
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  allOf?: readonly Schema[];
}

/** Each place of a schema with what may stand there. */
function placesOf(root: object): string[] {
  const { definitions } = root as { definitions: Record<string, Schema> };
  const open: Schema[] = [];

  function walk(schema: Schema, path: string, note = ""): string[] {
    const [only, ...others] = choicesOf(schema);
    if (only !== undefined && others.length === 0) return walk(only, path, note);
    if (schema.$ref !== undefined) return walk(definitions[schema.$ref.split("/").at(-1) ?? ""] ?? {}, path, note);
    if (open.includes(schema)) return [`${path}: again ${open.length - open.indexOf(schema)} above${note}`];
    open.push(schema);
    const places = [`${path}: ${kindOf(schema)}${note}`, ...withinOf(schema, path)];
    open.pop();
    return places;
  }

  function withinOf(schema: Schema, path: string): string[] {
    const named = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
      walk(inner, path === "" ? name : `${path}.${name}`, schema.required?.includes(name) ? ", required" : ""),
    );
    const listed = schema.items === undefined ? [] : walk(schema.items, `${path}[]`);
    const unnamed = isOpen(schema.additionalProperties) ? [] : walk(schema.additionalProperties ?? {}, `${path}{}`);
    return [...named, ...listed, ...unnamed, ...choicesOf(schema).flatMap((one, at) => walk(one, `${path}|${at}`))];
  }

  return walk(root, "").sort();
}

/** Alternatives, without those that only suggest values or say which properties go together. */
function choicesOf({ allOf = [], anyOf = [], oneOf = [] }: Schema): Schema[] {
  return [...allOf, ...anyOf, ...oneOf].filter((one) => one.type !== undefined || one.$ref !== undefined);
}

/** Whether nothing is said of other properties. */
function isOpen(others: Schema | undefined): boolean {
  return others === undefined || Object.keys(others).length === 0;
}

function kindOf(schema: Schema): string {
  if (schema.const !== undefined) return `"${schema.const}"`;
  if (schema.enum !== undefined) return schema.enum.join(" or ");
  const least = schema.minLength ?? schema.minimum;
  return `${[schema.type ?? "any"].flat().join(" or ")}${least === undefined ? "" : `, at least ${least}`}`;
}
