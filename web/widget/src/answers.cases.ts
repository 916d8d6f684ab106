/** Answers as services give them; read under both major versions of zod. */

import { expect, it } from "vitest";
import { readEvent, readHistory, readScores } from "./answers";
import { readConfig } from "./config";

export const SCORE = {
  score_type: "PMT_SCORE",
  computed_score: 1401.83,
  computed_at: "2026-11-21T12:00:02.123456Z",
  triggered_by_cr_id: "CR-00123",
  triggered_by_submission_id: "",
  status: "current",
  reason: null,
  definition_version: 1,
  sequence: 4711,
};
export const TO_COME = {
  score_type: "FSF_SCORE",
  status: "pending",
  reason: null,
  triggered_by_cr_id: "CR-00123",
  triggered_by_submission_id: "",
  requested_at: "2026-11-21T12:00:00Z",
};

export function enveloped(payload: unknown, header: object = {}) {
  const response_header = {
    request_id: "1",
    response_status: "SUCCESS",
    response_error_code: "",
    response_error_message: "",
    ...header,
  };
  return { response_header, response_body: { pagination_response: null, response_payload: payload } };
}

const PLAIN = { scores: [SCORE] };

export function answersAreRead() {
  it.each([
    ["plain", PLAIN],
    ["a bare list", [SCORE]],
    ["the envelope", enveloped(PLAIN)],
    ["the envelope around a list", enveloped([SCORE])],
    ["what axios makes of the envelope", { status: 200, data: enveloped(PLAIN) }],
    ["data", { data: PLAIN }],
  ])("the scores are found in %s", (_, answer) => {
    const [state] = readScores(answer);

    expect(state).toEqual({
      scoreType: "PMT_SCORE",
      status: "current",
      reason: undefined,
      changeRequestId: "CR-00123",
      submissionId: "",
      score: { value: 1401.83, computedAt: "2026-11-21T12:00:02.123456Z" },
      sequence: 4711,
    });
  });

  it("what has no score yet stands beside the scores, older than any", () => {
    const states = readScores({ scores: [SCORE], without_score: [TO_COME] });

    expect(states[1]).toMatchObject({ scoreType: "FSF_SCORE", status: "pending", sequence: 0 });
    expect(states[1]?.score).toBeUndefined();
  });

  it("OpenG2P's own fields are enough, a score may be text, and a time without a zone is UTC", () => {
    const own = { score_type: "PMT", computed_score: "47.32", computed_at: "2026-04-08T14:22:00.5" };

    const [state] = readScores({ scores: [own] });

    expect(state).toMatchObject({ status: "current", changeRequestId: "", sequence: undefined });
    expect(state?.score).toEqual({ value: 47.32, computedAt: "2026-04-08T14:22:00.5Z" });
  });

  it.each([
    ["2026-04-08 14:22:00", "2026-04-08T14:22:00Z"],
    ["2026-04-08 14:22", "2026-04-08T14:22Z"],
    ["2026-04-08 14:22:00.5+02:00", "2026-04-08T14:22:00.5+02:00"],
    ["2026-04-08", "2026-04-08"],
  ])("the time %s, as databases write it, is read as %s", (computed_at, read) => {
    expect(readScores([{ ...SCORE, computed_at }])[0]?.score?.computedAt).toBe(read);
  });

  it("what has no score yet may tell no time", () => {
    const [state] = readScores({ scores: [], without_score: [{ ...TO_COME, requested_at: null }] });

    expect(state).toMatchObject({ scoreType: "FSF_SCORE", requestedAt: undefined });
  });

  it.each([
    ["PROCESSING", "pending"],
    ["FAILED", "failed"],
    ["COMPLETED", "current"],
    ["something new", "current"],
  ])("the status %s is read as %s", (status, read) => {
    expect(readScores([{ ...SCORE, status }])[0]?.status).toBe(read);
  });

  it.each([
    ["computed_score", "forty", "scores.1.computed_score is no number"],
    ["computed_score", "", "scores.1.computed_score is no number"],
    ["computed_score", "NaN", "scores.1.computed_score is no number"],
    ["computed_score", undefined, "scores.1.computed_score is no number"],
    ["computed_score", Infinity, "scores.1.computed_score is no number"],
    ["computed_at", "yesterday", "scores.1.computed_at is no time"],
    ["computed_at", undefined, "scores.1.computed_at is no time"],
    ["score_type", "", "scores.1.score_type is empty"],
    ["triggered_by_cr_id", 7, "scores.1.triggered_by_cr_id is no text"],
  ])("%s of %j is refused, with its place", (field, value, told) => {
    expect(() => readScores({ scores: [SCORE, { ...SCORE, [field]: value }] })).toThrow(told);
  });

  it.each([
    ["nothing", undefined, "neither a list of scores nor an object"],
    ["an envelope without a payload", enveloped(null), "neither a list of scores nor an object"],
    ["another object", { records: [] }, "scores is no list"],
    ["a list of numbers", [1], "scores.0 is no object"],
  ])("%s is refused", (_, answer, told) => {
    expect(() => readScores(answer)).toThrow(expect.objectContaining({ kind: "unreadable" }));
    expect(() => readScores(answer)).toThrow(told);
  });

  it("an envelope that tells of an error is one, in its own words", () => {
    const error = { response_status: "ERROR", response_error_code: "SC-ERR-007", response_error_message: "no such id" };

    expect(() => readScores(enveloped(null, error))).toThrow(
      expect.objectContaining({ kind: "refused", message: "no such id" }),
    );
  });

  it("problem details that a handler passes on as an answer are a refusal", () => {
    const problem = { type: "urn:x", title: "Forbidden", status: 403, detail: "this needs register:view" };

    expect(() => readScores(problem)).toThrow(
      expect.objectContaining({ kind: "forbidden", message: "this needs register:view" }),
    );
  });

  it("a history is read with where it goes on", () => {
    const { score_type, status, reason, ...past } = SCORE;

    expect(readHistory(enveloped({ history: [past], next: 17 }))).toMatchObject({
      history: [{ sequence: 4711 }],
      next: 17,
    });
    expect(readHistory([past]).next).toBeUndefined();
  });

  it("an event is an item of either list", () => {
    expect(readEvent(JSON.stringify(SCORE)).score?.value).toBe(1401.83);
    expect(readEvent(JSON.stringify(TO_COME)).score).toBeUndefined();
    expect(() => readEvent("{")).toThrow("an event is no JSON");
  });
}

const ASKING = {
  widget: "scores-display",
  "widget-id": "record-scores",
  "widget-type": "group",
  "widget-data-source": {
    type: "api",
    service: "staff-portal-api",
    endpoint: "get_scores",
    params: { internal_record_id_path: "internal_record_id", instance: "x" },
  },
};

function asking(changes: object) {
  return { ...ASKING, "widget-data-source": { ...ASKING["widget-data-source"], ...changes } };
}

export function configurationsAreRead() {
  it("the document's configuration asks by POST, and keeps the path of the record's id to itself", () => {
    expect(readConfig(ASKING)).toEqual({
      kind: "asking",
      service: "staff-portal-api",
      endpoint: "get_scores",
      method: "POST",
      params: { instance: "x" },
      headers: undefined,
      recordIdPath: "internal_record_id",
    });
  });

  it("the path of the record's id may stand where OpenG2P's widget also looks", () => {
    const beside = { ...asking({ params: {} }), internal_record_id_path: "a.b" };

    expect(readConfig(beside)).toMatchObject({ recordIdPath: "a.b" });
    expect(readConfig(asking({ params: { internalRecordIdPath: "c" } }))).toMatchObject({
      recordIdPath: "c",
      params: {},
    });
  });

  it("the latest generation's configuration names where the scores stand", () => {
    expect(readConfig({ widget: "scores-display", "widget-data-path": "scores" })).toEqual({
      kind: "given",
      path: "scores",
    });
  });

  it.each([
    ["nothing", null, "the configuration must be an object"],
    ["neither way", { widget: "scores-display" }, "needs a widget-data-source"],
    ["another widget", { ...ASKING, widget: "text" }, 'widget must be "scores-display"'],
    ["a data source that is none", { ...ASKING, "widget-data-source": 1 }, "widget-data-source must be an object"],
    ["a static source", asking({ type: "static" }), 'widget-data-source.type must be "api"'],
    ["no service", asking({ service: undefined }), "widget-data-source.service must name a service"],
    ["an empty endpoint", asking({ endpoint: "" }), "widget-data-source.endpoint must name"],
    ["no path to the id", asking({ params: {} }), "params.internal_record_id_path must be the dot path"],
    ["no params", asking({ params: undefined }), "params.internal_record_id_path must be the dot path"],
    [
      "a path that is none",
      asking({ params: { internal_record_id_path: 1 } }),
      "internal_record_id_path must be the dot",
    ],
    ["headers that are no text", asking({ headers: { a: 1 } }), "widget-data-source.headers.a must be a text"],
    ["many data paths", { widget: "scores-display", "widget-data-path": {} }, "widget-data-path must be one dot path"],
  ])("%s is refused, with the place and the remedy", (_, config, told) => {
    const read = readConfig(config);

    expect(read.kind === "misconfigured" && read.problems.join()).toContain(told);
  });
}
