import { Button, Group, NumberInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ScoreRange } from "./queries";

const GREATEST = 999_999_999;

/** Those with such a score; both empty: everybody. */
export function ScoreFilter({ range, onChoose }: { range: ScoreRange; onChoose: (range: ScoreRange) => void }) {
  const { t } = useTranslation("builders");
  const [wanted, setWanted] = useState(range);
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
      hideControls
      value={wanted[name] ?? ""}
      onChange={(value) => setWanted({ ...wanted, [name]: value === "" ? null : Number(value) })}
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
