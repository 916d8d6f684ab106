import type { Translated } from "../texts";

export const en = { title: "builders" };

export const fr: Translated<typeof en> = { title: "builders" };

export const ar: Translated<typeof en> = { title: "builders" };
