import type { Translated } from "../texts";

export const en = { title: "registers" };

export const fr: Translated<typeof en> = { title: "registers" };

export const ar: Translated<typeof en> = { title: "registers" };
