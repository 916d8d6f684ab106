import { NativeSelect } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useMay } from "../session/session";
import { Loaded, NoPermission } from "../shell/faces";
import { BUILDERS, type Register, useRegisters } from "./queries";

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
}: ChoiceProps & { registers: Register[]; mayBuilders: boolean }) {
  const { t } = useTranslation("definitions");
  const options = registers.map(({ register_id, register_mnemonic }) => ({
    value: register_id,
    // a mnemonic may stand for several
    label: isTwice(registers, register_mnemonic) ? `${register_mnemonic} (${register_id})` : register_mnemonic,
  }));
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

function isTwice(registers: Register[], mnemonic: string): boolean {
  return registers.filter((one) => one.register_mnemonic === mnemonic).length > 1;
}
