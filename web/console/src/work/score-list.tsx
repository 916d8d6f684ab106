import { Badge, Group, NativeSelect, NumberInput, Table, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { finite } from "../shell/finite";
import { localeFor } from "../shell/locale";
import { Moment } from "../shell/moment";
import { Paged } from "../shell/paged";
import { Wide } from "../shell/wide";
import { Cause, HeaderRow, RecordLink } from "./cells";
import { LongList } from "./long-list";
import { type Score, type ScoreFilter, useScores, useScoreTypes } from "./queries";

const COLUMNS = ["record", "scoreType", "score", "status", "computedAt", "cause"] as const;
const STATUSES = ["current", "pending", "failed", "stale"] as const;
const SORTS = ["latest", "oldest", "highest", "lowest"] as const;
const COLORS: Record<Score["status"], string> = { current: "green", pending: "blue", failed: "red", stale: "orange" };

interface Chosen {
  scoreType: string;
  status: (typeof STATUSES)[number] | "";
  min: number | string;
  max: number | string;
  sort: (typeof SORTS)[number];
}

/** As the API is asked; a range and the order by score make sense within one type only. */
export function filterOf({ scoreType, status, min, max, sort }: Chosen): ScoreFilter {
  const least = finite(min);
  const most = finite(max);
  const isByScore = scoreType !== "" && (sort === "highest" || sort === "lowest");
  return {
    ...(scoreType !== "" && { score_type: scoreType }),
    ...(status !== "" && { status }),
    ...(scoreType !== "" && least !== null && { min_score: least }),
    ...(scoreType !== "" && most !== null && { max_score: most }),
    sort: isByScore ? "computed_score" : "computed_at",
    order: sort === "oldest" || sort === "lowest" ? "asc" : "desc",
  };
}

/** A register's scores, by time or by score. */
export function ScoreList({ registerId }: { registerId: string }) {
  const { t } = useTranslation("work");
  const [chosen, setChosen] = useState<Chosen>({ scoreType: "", status: "", min: "", max: "", sort: "latest" });
  // a bound is typed digit by digit
  const [settled] = useDebouncedValue(chosen, 250);
  const list = useScores(registerId, filterOf(settled));
  return (
    <>
      <Filters registerId={registerId} chosen={chosen} onChange={(part) => setChosen({ ...chosen, ...part })} />
      <LongList list={list} />
      <Paged query={list.query} empty={t("noScores")}>
        {(rows) => (
          <Wide label={t("scores")}>
            <Table miw={760}>
              <HeaderRow columns={COLUMNS} />
              <Table.Tbody>
                {rows.map((one) => (
                  <Row key={`${one.internal_record_id} ${one.score_type}`} registerId={registerId} score={one} />
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        )}
      </Paged>
    </>
  );
}

interface FiltersProps {
  registerId: string;
  chosen: Chosen;
  onChange: (part: Partial<Chosen>) => void;
}

function Filters({ registerId, chosen, onChange }: FiltersProps) {
  const { t } = useTranslation("work");
  const { data: types = [] } = useScoreTypes(registerId);
  const isOneType = chosen.scoreType !== "";
  const sorts = isOneType ? SORTS : SORTS.slice(0, 2);
  return (
    <Group align="flex-end" gap="sm">
      <NativeSelect
        label={t("scoreType")}
        value={chosen.scoreType}
        onChange={({ currentTarget: { value } }) =>
          onChange(value === "" ? { scoreType: "", sort: "latest", min: "", max: "" } : { scoreType: value })
        }
        data={[{ value: "", label: t("all") }, ...types]}
      />
      <NativeSelect
        label={t("status")}
        value={chosen.status}
        onChange={({ currentTarget: { value } }) => onChange({ status: STATUSES.find((one) => one === value) ?? "" })}
        data={[{ value: "", label: t("all") }, ...STATUSES.map((value) => ({ value, label: t(value) }))]}
      />
      <NativeSelect
        label={t("sort")}
        value={chosen.sort}
        onChange={({ currentTarget: { value } }) => onChange({ sort: SORTS.find((one) => one === value) ?? "latest" })}
        data={sorts.map((value) => ({ value, label: t(value) }))}
      />
      {isOneType &&
        (["min", "max"] as const).map((bound) => (
          <NumberInput
            key={bound}
            label={t(bound)}
            w={130}
            value={chosen[bound]}
            onChange={(value) => onChange({ [bound]: value })}
          />
        ))}
    </Group>
  );
}

function Row({ registerId, score }: { registerId: string; score: Score }) {
  const { t, i18n } = useTranslation("work");
  const number = new Intl.NumberFormat(localeFor(i18n.language), { maximumFractionDigits: 4 });
  return (
    <Table.Tr>
      <Table.Th scope="row" fw="normal">
        <RecordLink registerId={registerId} recordId={score.internal_record_id} />
      </Table.Th>
      <Table.Td>
        <bdi>{score.score_type}</bdi>
      </Table.Td>
      <Table.Td>{number.format(score.computed_score)}</Table.Td>
      <Table.Td>
        <Badge color={COLORS[score.status]} variant="light" miw="max-content" tt="none">
          {t(score.status)}
        </Badge>
        {score.reason !== null && (
          <Text size="xs" c="dimmed">
            <bdi>{score.reason}</bdi>
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Moment at={score.computed_at} />
      </Table.Td>
      <Table.Td>
        <Cause registerId={registerId} changeRequestId={score.triggered_by_cr_id} />
      </Table.Td>
    </Table.Tr>
  );
}
