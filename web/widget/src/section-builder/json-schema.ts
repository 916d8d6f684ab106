/** The JSON schema of a section, for editors that complete and check by it; says the same as the zod schema. */

const TEXT = { type: "string", minLength: 1 } as const;
const SPAN = { type: "number", minimum: 1 } as const;
const ORIENTATIONS = ["horizontal", "vertical"] as const;

/** What OpenG2P's registry brings, and `scores-display`. A host may register more, so any other name is valid, too. */
export const WIDGET_TYPES = [
  "text",
  "textarea",
  "number",
  "boolean",
  "date",
  "datetime",
  "select",
  "radio",
  "checkbox",
  "file",
  "simple-table",
  "table",
  "array-widget",
  "iterable-accordion",
  "phone",
  "currency",
  "display",
  "profile",
  "header-section",
  "scores-display",
  "id-authentication",
] as const;

const optionsSource = {
  type: "object",
  properties: {
    type: { const: "static" },
    options: {
      type: "array",
      items: {
        type: "object",
        properties: { value: { type: ["string", "number"] }, label: { type: "string" } },
        required: ["value", "label"],
      },
    },
  },
  required: ["type", "options"],
} as const;

const apiSource = {
  type: "object",
  properties: {
    type: { const: "api" },
    url: TEXT,
    service: { ...TEXT, description: "Which of the host's services is asked, by the host's own handler" },
    endpoint: { ...TEXT, description: "What of the service is asked" },
    method: TEXT,
    params: {
      type: "object",
      description: "Sent along; scores-display takes internal_record_id_path, where the record's id stands",
    },
    headers: { type: "object", additionalProperties: { type: "string" } },
  },
  required: ["type"],
  anyOf: [{ required: ["url"] }, { required: ["service", "endpoint"] }],
} as const;

const schemaSource = {
  type: "object",
  properties: { type: { const: "schema" }, path: TEXT },
  required: ["type", "path"],
} as const;

const widgetSchema = {
  type: "object",
  properties: {
    widget: { anyOf: [{ enum: WIDGET_TYPES }, TEXT], description: "The name that the widget is registered by" },
    "widget-id": { ...TEXT, description: "Stands once in a page" },
    "widget-label": { type: "string" },
    "widget-readonly": { type: "boolean" },
    "widget-required": { type: "boolean" },
    "widget-data-path": {
      oneOf: [{ type: "string" }, { type: "object", additionalProperties: { type: "string" } }],
      description: "Where the data stands in the form's values: a dot path, or several by name",
    },
    "widget-data-source": { oneOf: [optionsSource, apiSource, schemaSource] },
    widgets: { type: "array", items: { $ref: "#/definitions/widget" } },
    "widget-item": { $ref: "#/definitions/widget" },
  },
  required: ["widget", "widget-id"],
} as const;

const panelSchema = {
  type: "object",
  properties: {
    "panel-id": TEXT,
    "panel-orientation": { enum: ORIENTATIONS },
    "panel-column-span": SPAN,
    panels: { type: "array", items: { $ref: "#/definitions/panel" } },
    widgets: { type: "array", items: { $ref: "#/definitions/widget" } },
  },
  required: ["panel-id"],
} as const;

export const sectionSchema = {
  type: "object",
  properties: {
    "section-id": { ...TEXT, description: "Stands once in a user interface" },
    "section-title": { type: "string" },
    "section-is-core": {
      type: "boolean",
      description: "Managed by the registry platform; nobody sets or edits it in a section builder",
    },
    "section-editable": { type: "boolean", description: "Whether readers may edit the section's values" },
    "section-hide-edit-button": { type: "boolean" },
    "section-column-span": SPAN,
    "section-supporting-documents": {
      type: "array",
      items: { type: "object", properties: { "document-data-path": TEXT }, required: ["document-data-path"] },
    },
    panels: { type: "array", items: { $ref: "#/definitions/panel" } },
  },
  required: ["section-id", "panels"],
  definitions: { panel: panelSchema, widget: widgetSchema },
} as const;
