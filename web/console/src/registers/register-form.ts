import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import type { Schemas } from "../api/client";
import { Problem } from "../api/problem";
import { useCreateRegister } from "./queries";
import { type AttributeRow, attributesOf, flawsOfRows } from "./register-draft";

export type Purpose = Schemas["RegisterPurpose"];

/** The state of the form for a new register; mistakes are told once it was sent, and then as they come and go. */
export function useRegisterForm() {
  const { t } = useTranslation("registers");
  const navigate = useNavigate();
  const ref = useRef<HTMLFormElement>(null);
  const [mnemonic, setMnemonic] = useState("");
  const [purpose, setPurpose] = useState<Purpose>("REGISTER");
  const [rows, setRows] = useState<AttributeRow[]>([{ key: 0, path: "", type: "text" }]);
  const [wasSent, setSent] = useState(false);
  const { mutate, isPending, error, reset } = useCreateRegister();

  const flaws = flawsOfRows(rows);
  const isNameless = mnemonic.trim() === "";
  const refusedFields = fieldsOf(error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSent(true);
    if (isNameless || flaws.size > 0) {
      requestAnimationFrame(() => ref.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    const body = { register_mnemonic: mnemonic.trim(), register_purpose: purpose, attributes: attributesOf(rows) };
    mutate(body, {
      onSuccess: (created) => void navigate(`/registers/${encodeURIComponent(created.register_id)}`),
    });
  };
  const errorOf = (row: AttributeRow) => {
    const flaw = flaws.get(row.key);
    if (wasSent && flaw !== undefined) return t(flaw.text, { other: flaw.other });
    return refusedFields.get(row.path.trim());
  };
  const knows = (field: string) => field === "register_mnemonic" || rows.some((row) => row.path.trim() === field);
  const areAllKnown = refusedFields.size > 0 && [...refusedFields.keys()].every(knows);
  return {
    ref,
    mnemonic,
    setMnemonic: changing(setMnemonic, reset),
    mnemonicError: wasSent && isNameless ? t("mnemonicMissing") : refusedFields.get("register_mnemonic"),
    purpose,
    setPurpose,
    rows,
    setRows: changing(setRows, reset),
    errorOf,
    isPending,
    // what is shown at its field is not said twice
    refused: error !== null && !areAllKnown ? error : null,
    submit,
  };
}

/** What the server refused is no longer what stands there. */
function changing<Value>(set: (value: Value) => void, reset: () => void) {
  return (value: Value) => {
    reset();
    set(value);
  };
}

function fieldsOf(error: unknown): Map<string, string> {
  const fields = error instanceof Problem ? error.fields : [];
  return new Map(fields.map(({ field, detail }) => [field.replace(/^attributes\./, ""), detail]));
}
