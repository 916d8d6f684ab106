/** A user interface's schema, as OpenG2P's registry has it, with the flag for core sections. Unknown keys stay. */

import { z } from "zod";

export interface OptionsSource {
  type: "static";
  options: { value: string | number; label: string }[];
}

/** Either `url`, or `service` and `endpoint` for the host's own handler. */
export interface ApiSource {
  type: "api";
  url?: string | undefined;
  service?: string | undefined;
  endpoint?: string | undefined;
  method?: string | undefined;
  params?: Record<string, unknown> | undefined;
  headers?: Record<string, string> | undefined;
}

export interface SchemaSource {
  type: "schema";
  path: string;
}

export interface BaseWidgetConfig {
  widget: string;
  "widget-id": string;
  "widget-label"?: string | undefined;
  "widget-readonly"?: boolean | undefined;
  "widget-required"?: boolean | undefined;
  "widget-data-path"?: string | Record<string, string> | undefined;
  "widget-data-source"?: OptionsSource | ApiSource | SchemaSource | undefined;
  widgets?: BaseWidgetConfig[] | undefined;
  "widget-item"?: BaseWidgetConfig | undefined;
  [key: string]: unknown;
}

export interface PanelConfig {
  "panel-id": string;
  "panel-orientation"?: "horizontal" | "vertical" | undefined;
  "panel-column-span"?: number | undefined;
  panels?: PanelConfig[] | undefined;
  widgets?: BaseWidgetConfig[] | undefined;
}

export interface SectionConfig {
  "section-id": string;
  "section-title"?: string | undefined;
  /** Managed by the registry platform: locked or hidden in a `SectionBuilder`. */
  "section-is-core"?: boolean | undefined;
  "section-editable"?: boolean | undefined;
  "section-hide-edit-button"?: boolean | undefined;
  "section-column-span"?: number | undefined;
  "section-supporting-documents"?: Record<string, unknown>[] | undefined;
  panels: PanelConfig[];
}

const name = z.string().min(1);
const span = z.number().min(1).optional();

const sourceConfig = z
  .discriminatedUnion("type", [
    z
      .object({
        type: z.literal("static"),
        options: z.array(z.object({ value: z.union([z.string(), z.number()]), label: z.string() }).passthrough()),
      })
      .passthrough(),
    z
      .object({
        type: z.literal("api"),
        url: name.optional(),
        service: name.optional(),
        endpoint: name.optional(),
        method: name.optional(),
        params: z.record(z.string(), z.unknown()).optional(),
        headers: z.record(z.string(), z.string()).optional(),
      })
      .passthrough(),
    z.object({ type: z.literal("schema"), path: name }).passthrough(),
  ])
  .superRefine((source, context) => {
    if (source.type !== "api" || source.url !== undefined) return;
    if (source.service === undefined || source.endpoint === undefined)
      context.addIssue({ code: "custom", message: "an api source takes a url, or a service and an endpoint" });
  });

export const widgetConfig: z.ZodType<BaseWidgetConfig> = z.lazy(() =>
  z
    .object({
      widget: name,
      "widget-id": name,
      "widget-label": z.string().optional(),
      "widget-readonly": z.boolean().optional(),
      "widget-required": z.boolean().optional(),
      "widget-data-path": z.union([z.string(), z.record(z.string(), z.string())]).optional(),
      "widget-data-source": sourceConfig.optional(),
      widgets: z.array(widgetConfig).optional(),
      "widget-item": widgetConfig.optional(),
    })
    .passthrough(),
);

export const panelConfig: z.ZodType<PanelConfig> = z.lazy(() =>
  z
    .object({
      "panel-id": name,
      "panel-orientation": z.enum(["horizontal", "vertical"]).optional(),
      "panel-column-span": span,
      panels: z.array(panelConfig).optional(),
      widgets: z.array(widgetConfig).optional(),
    })
    .passthrough(),
);

export const sectionConfig: z.ZodType<SectionConfig> = z
  .object({
    "section-id": name,
    "section-title": z.string().optional(),
    "section-is-core": z.boolean().optional(),
    "section-editable": z.boolean().optional(),
    "section-hide-edit-button": z.boolean().optional(),
    "section-column-span": span,
    "section-supporting-documents": z.array(z.object({ "document-data-path": name }).passthrough()).optional(),
    panels: z.array(panelConfig),
  })
  .passthrough();

/** The core section that shows a record's scores; `recordIdPath` leads to the record's id in the form's values. */
export function scoresSection(recordIdPath = "internal_record_id"): SectionConfig {
  return {
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
              params: { internal_record_id_path: recordIdPath },
            },
          },
        ],
      },
    ],
  };
}
