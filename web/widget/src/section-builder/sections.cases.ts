/** Sections as zod reads them, whichever major version of it the host brings. */

import { expect, test } from "vitest";
import { sectionFromJson } from "./section-edits";
import { scoresSection, sectionConfig } from "./sections";

export function sectionsAreRead(): void {
  test("the scores' section is valid", () => {
    expect(sectionConfig.parse(scoresSection())).toEqual(scoresSection());
  });

  test("what else a section holds stays", () => {
    const widget = { widget: "text", "widget-id": "w", "x-y": 1 };
    const section = { "section-id": "s", "our-own": 1, panels: [{ "panel-id": "p", "x-y": true, widgets: [widget] }] };

    expect(sectionFromJson(JSON.stringify(section), "s")).toEqual(section);
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

  test("each place that is wrong is told", () => {
    const widget = { widget: "scores-display", "widget-data-source": { type: "api", service: "staff-portal-api" } };
    const typed = { "section-id": "", "section-is-core": "yes", panels: [{ "panel-id": "p", widgets: [widget] }] };
    const refused = () => sectionFromJson(JSON.stringify(typed), "x");

    for (const place of [
      /section-id:/,
      /section-is-core:/,
      /panels\.0\.widgets\.0\.widget-id:/,
      /panels\.0\.widgets\.0\.widget-data-source: an api source takes a url, or a service and an endpoint/,
    ])
      expect(refused).toThrow(place);
  });
}
