import { Button, Group, NumberInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { finite } from "../shell/finite";
import type { ScoreRange } from "./queries";

const GREATEST = 999_999_999;

/** Those with such a score; both empty: everybody. */
export function ScoreFilter({ range, onChoose }: { range: ScoreRange; onChoose: (range: ScoreRange) => void }) {
  const { t } = useTranslation("builders");
  const [wanted, setWanted] = useState(range);
  const [shown, setShown] = useState(range);
  // another address shows others
  if (shown.min !== range.min || shown.max !== range.max) {
    setShown(range);
    setWanted(range);
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onChoose(wanted);
  };
  const bound = (name: keyof ScoreRange, label: string) => (
    <NumberInput
      label={label}
      w={120}
      min={0}
      max={GREATEST}
      allowDecimal={false}
      allowNegative={false}
      hideControls
      value={wanted[name] ?? ""}
      onChange={(value) => setWanted({ ...wanted, [name]: finite(value) })}
    />
  );
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="xs">
        {bound("min", t("scoreFrom"))}
        {bound("max", t("scoreTo"))}
        <Button type="submit" variant="default">
          {t("filter")}
        </Button>
      </Group>
    </form>
  );
}
