import { expect, test } from "vitest";
import { z } from "zod";
import { sectionSchema, WIDGET_TYPES } from "./json-schema";
import { scoresSection, sectionConfig } from "./sections";

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
  expect(sectionConfig.parse(section)).toEqual(section);
});

test("the scores' section looks for the record's id where it is told to", () => {
  expect(JSON.stringify(scoresSection("person.id"))).toContain('{"internal_record_id_path":"person.id"}');
});

test.each([
  ["static", { type: "static", options: [{ value: 1, label: "one" }] }, true],
  ["static without options", { type: "static" }, false],
  ["api by url", { type: "api", url: "/countries", dependsOn: "continent" }, true],
  ["api by service and endpoint", { type: "api", service: "s", endpoint: "e", params: { limit: 5 } }, true],
  ["api by service alone", { type: "api", service: "s" }, false],
  ["schema", { type: "schema", path: "countries" }, true],
  ["of no known type", { type: "sql", path: "countries" }, false],
])("a data source: %s", (_, source, isValid) => {
  const widget = { widget: "select", "widget-id": "w", "widget-data-source": source };
  const nested = {
    "panel-id": "q",
    panels: [{ "panel-id": "p", widgets: [{ widget: "array-widget", "widget-id": "a", widgets: [widget] }] }],
  };

  expect(sectionConfig.safeParse({ "section-id": "s", panels: [nested] }).success).toBe(isValid);
});

test("the JSON schema says the same as the zod schema", () => {
  const ours = shapeOf(sectionSchema);
  const zods = shapeOf(z.toJSONSchema(sectionConfig, { io: "input", target: "draft-7", reused: "inline" }));

  expect([...ours].sort()).toEqual([...zods].sort());
});

test("editors are told of the widget", () => {
  expect(WIDGET_TYPES).toContain("scores-display");
});

/** All properties that are named anywhere, required ones marked. */
function shapeOf(schema: unknown, names = new Set<string>()): Set<string> {
  if (typeof schema !== "object" || schema === null) return names;
  const { properties, required } = schema as { properties?: object; required?: readonly string[] };
  for (const name of Object.keys(properties ?? {})) names.add(required?.includes(name) ? `${name} (required)` : name);
  for (const inner of Object.values(schema)) shapeOf(inner, names);
  return names;
}
