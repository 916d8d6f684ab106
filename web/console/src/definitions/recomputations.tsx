import { Button, Checkbox, Group, NumberInput, Stack, Table, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { useMay } from "../session/session";
import { Confirmed } from "../shell/confirmed";
import { Empty, Loaded, Refused } from "../shell/faces";
import { localeFor } from "../shell/locale";
import { Moment } from "../shell/moment";
import { Wide } from "../shell/wide";
import { useWords } from "../shell/words";
import { RunLink } from "../work/run-link";
import { isActive, useControl, useRecomputations, useRecompute } from "./queries";
import type { Definition } from "./rules";

type Recomputation = Schemas["Recomputation"];

const COLUMNS = ["when", "status", "lookedAt", "requested", "outstanding", "failed", "actions"] as const;
const MIN_RATE = 0.1;
const MAX_RATE = 1_000_000;

/** Computing a score type of the whole register again: start it, see how far it is, hold it. */
export function Recomputations({ definition }: { definition: Definition }) {
  const { t } = useTranslation("definitions");
  const may = useMay("registerDefinition:manage");
  const recomputations = useRecomputations(definition.register_id, definition.score_type);
  return (
    <Stack component="section">
      <Title order={2} size="h3" mt="lg">
        {t("recomputations")}
      </Title>
      {may && <Start definition={definition} />}
      <Loaded query={recomputations}>
        {(all) => (all.length === 0 ? <Empty>{t("noRecomputations")}</Empty> : <Recomputed recomputations={all} />)}
      </Loaded>
    </Stack>
  );
}

function Start({ definition }: { definition: Definition }) {
  const { t } = useTranslation("definitions");
  const recompute = useRecompute();
  const [onlyStale, setOnlyStale] = useState(true);
  const [rate, setRate] = useState<number | string>("");
  const isRateWrong = rate !== "" && !(Number(rate) >= MIN_RATE && Number(rate) <= MAX_RATE);
  const { register_id, score_type, inactive_reason } = definition;
  const start = () =>
    recompute.mutate({
      register_id,
      score_types: [score_type],
      only_stale: onlyStale,
      ...(rate !== "" && { rate: Number(rate) }),
    });
  if (inactive_reason !== null) return <Text c="dimmed">{t("nothingToRecompute")}</Text>;
  return (
    <>
      <Group align="flex-end">
        <NumberInput
          label={t("rate")}
          placeholder={t("noLimit")}
          min={MIN_RATE}
          max={MAX_RATE}
          clampBehavior="none"
          value={rate}
          onChange={setRate}
          error={isRateWrong && t("rateRule", { min: MIN_RATE, max: MAX_RATE })}
        />
        <Checkbox
          label={t("onlyStale")}
          checked={onlyStale}
          onChange={(event) => setOnlyStale(event.currentTarget.checked)}
          pb={8}
        />
        <Button loading={recompute.isPending} disabled={isRateWrong} onClick={start}>
          {t("recompute")}
        </Button>
      </Group>
      {recompute.error !== null && <Refused reason={recompute.error} />}
    </>
  );
}

function Recomputed({ recomputations }: { recomputations: Recomputation[] }) {
  const { t } = useTranslation("definitions");
  return (
    <Wide label={t("recomputations")}>
      <Table miw={860}>
        <Table.Thead>
          <Table.Tr>
            {COLUMNS.map((column) => (
              <Table.Th key={column} scope="col">
                {t(column)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {recomputations.map((one) => (
            <Row key={one.recomputation_id} recomputation={one} />
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

function Row({ recomputation }: { recomputation: Recomputation }) {
  const { t, i18n } = useTranslation("definitions");
  const number = new Intl.NumberFormat(localeFor(i18n.language));
  const { looked_at, total, requested, outstanding, failed, reason, only_stale } = recomputation;
  return (
    <Table.Tr>
      <Table.Td>
        <Moment at={recomputation.requested_at} />
        {only_stale && (
          <Text size="xs" c="dimmed">
            {t("onlyStale")}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        {t(recomputation.status)}
        {reason !== null && (
          <Text size="xs" c="dimmed" maw={260}>
            <bdi>{reason}</bdi>
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        {total === null
          ? number.format(looked_at)
          : t("lookedAtOf", { lookedAt: number.format(looked_at), total: number.format(total) })}
      </Table.Td>
      <Table.Td>{number.format(requested)}</Table.Td>
      <Table.Td>{number.format(outstanding)}</Table.Td>
      <Table.Td>{number.format(failed)}</Table.Td>
      <Table.Td>
        <Group gap="xs" wrap="nowrap">
          <Controls recomputation={recomputation} />
          <RunLink workflowId={recomputation.workflow_id} />
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

function Controls({ recomputation }: { recomputation: Recomputation }) {
  const { t } = useTranslation("definitions");
  const may = useMay("registerDefinition:manage");
  const control = useControl();
  const words = useWords();
  if (!may || !isActive(recomputation)) return null;
  const id = recomputation.recomputation_id;
  const other = recomputation.status === "PAUSED" ? "resume" : "pause";
  return (
    <Stack gap={4}>
      <Group gap="xs" wrap="nowrap">
        <Button
          size="compact-sm"
          variant="default"
          disabled={control.isPending}
          onClick={() => control.mutate({ control: other, id })}
        >
          {t(other)}
        </Button>
        <Confirmed
          size="compact-sm"
          variant="outline"
          color="red"
          disabled={control.isPending}
          label={t("cancel")}
          question={t("cancelQuestion")}
          onConfirm={() => control.mutate({ control: "cancel", id })}
        >
          {t("cancelText")}
        </Confirmed>
      </Group>
      {control.error !== null && (
        <Text size="xs" role="alert" c="var(--mantine-color-error)">
          {words(control.error)}
        </Text>
      )}
    </Stack>
  );
}
