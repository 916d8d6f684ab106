import { NativeSelect } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { BUILDERS } from "../definitions/queries";
import { namesOf } from "../registers/names";
import { useRegisters } from "../registers/queries";
import { useMay } from "../session/session";
import { Loaded, NoPermission } from "./faces";

interface ChoiceProps {
  value: string | null;
  onChange: (registerId: string) => void;
}

/** Which register; the builders' one too, for who may see builders. */
export function RegisterChoice({ value, onChange }: ChoiceProps) {
  const registers = useRegisters();
  const mayView = useMay("register:view");
  const mayBuilders = useMay("builder:view");
  if (!mayView && !mayBuilders) return <NoPermission permission="register:view" />;
  if (!mayView) return <Choice registers={[]} mayBuilders value={value} onChange={onChange} />;
  return (
    <Loaded query={registers}>
      {(all) => <Choice registers={all} mayBuilders={mayBuilders} value={value} onChange={onChange} />}
    </Loaded>
  );
}

function Choice({
  registers,
  mayBuilders,
  value,
  onChange,
}: ChoiceProps & { registers: Schemas["Register"][]; mayBuilders: boolean }) {
  const { t } = useTranslation("shell");
  const options = [...namesOf(registers)].map(([value, label]) => ({ value, label }));
  if (mayBuilders) options.push({ value: BUILDERS, label: t("builders") });
  const isKnown = options.some((one) => one.value === value);
  return (
    <NativeSelect
      label={t("register")}
      maw={360}
      value={isKnown && value !== null ? value : ""}
      onChange={(event) => event.currentTarget.value !== "" && onChange(event.currentTarget.value)}
      data={isKnown ? options : [{ value: "", label: t("chooseRegister") }, ...options]}
    />
  );
}
