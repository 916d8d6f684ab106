/** Holds that the built package is what a host expects: it loads, registers, and brings its types and its styles. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import * as widget from "@steadyscore/scores-display";

const read = (name) => readFile(new URL(`dist/${name}`, import.meta.url), "utf8");

assert.match(import.meta.resolve("@steadyscore/scores-display"), /\/dist\/index\.js$/);

const registered = [];
widget.registerScoresDisplay({ register: (entry) => registered.push(entry) });
assert.deepEqual(
  registered.map((entry) => [entry.widget, typeof entry.component]),
  [["scores-display", "function"]],
);
assert.doesNotThrow(() => widget.assertCoreUntouched([widget.scoresSection()], [widget.scoresSection()]));

const script = await read("index.js");
assert.doesNotMatch(script, /from ?["']recharts["']/, "the chart library is loaded before a history is opened");
assert.match(script, /import\(["']\.\/score-history[^"']*["']\)/);
assert.match(await read("index.d.ts"), /registerScoresDisplay/);
const styles = await read("styles.css");
for (const part of [".scores-table", ".scores-history", ".scores-section"]) assert.ok(styles.includes(part), part);
assert.doesNotMatch(styles, /@import/);
