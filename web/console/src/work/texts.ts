import type { Translated } from "../texts";

export const en = { title: "work" };

export const fr: Translated<typeof en> = { title: "work" };

export const ar: Translated<typeof en> = { title: "work" };
