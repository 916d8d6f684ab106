import type { Translated } from "../texts";

export const en = { title: "definitions" };

export const fr: Translated<typeof en> = { title: "definitions" };

export const ar: Translated<typeof en> = { title: "definitions" };
