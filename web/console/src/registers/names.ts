import type { Schemas } from "../api/client";

const BEGINNING = 8;

/** What to call each register, by its id; of several with the same mnemonic, each with its id's beginning. */
export function namesOf(registers: readonly Schemas["Register"][]): Map<string, string> {
  const isTwice = (mnemonic: string) => registers.filter((one) => one.register_mnemonic === mnemonic).length > 1;
  return new Map(
    registers.map(({ register_id, register_mnemonic }) => [
      register_id,
      isTwice(register_mnemonic) ? `${register_mnemonic} (${beginning(register_id)})` : register_mnemonic,
    ]),
  );
}

function beginning(id: string): string {
  return id.length > BEGINNING ? `${id.slice(0, BEGINNING)}…` : id;
}
