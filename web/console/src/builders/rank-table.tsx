import { Anchor, Stack, Table, Text, VisuallyHidden } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "../api/client";
import { Wide } from "../shell/wide";
import { useNumber } from "./numbers";
import { usePastScores } from "./queries";
import { BarLegend, ScoreBar } from "./score-bar";
import { termsOf } from "./terms";

type Row = Schemas["ShortProfile"] & { rank?: number };

interface RankTableProps {
  rows: Row[];
  label: string;
  /** Whose row is marked. */
  marked?: string | undefined;
}

/** Builders with their scores; with ranks where they come with some. */
export function RankTable({ rows, label, marked }: RankTableProps) {
  const { t } = useTranslation("builders");
  const isRanked = rows.every((row) => row.rank !== undefined);
  const full = Math.max(...rows.map((row) => row.builder_score));
  return (
    <Stack gap="xs">
      <BarLegend />
      <Wide label={label}>
        <Table highlightOnHover>
          <Table.Caption>
            <VisuallyHidden>{label}</VisuallyHidden>
          </Table.Caption>
          <Table.Thead>
            <Table.Tr>
              {isRanked && <Table.Th className="number">{t("rank")}</Table.Th>}
              <Table.Th>{t("builder")}</Table.Th>
              <Table.Th className="number">{t("score")}</Table.Th>
              <Table.Th>{t("madeOf")}</Table.Th>
              <Table.Th className="number">{t("change")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <RankRow key={row.user_id} row={row} full={full} isMarked={row.user_id === marked} />
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Stack>
  );
}

function RankRow({ row, full, isMarked }: { row: Row; full: number; isMarked: boolean }) {
  const number = useNumber();
  // the list tells scores alone; the latest two of each tell the terms and the change
  const [latest, before] = usePastScores(row.user_id, 2).data ?? [];
  const terms = termsOf(latest?.breakdown);
  return (
    <Table.Tr aria-current={isMarked || undefined} {...(isMarked && { className: "marked" })}>
      {row.rank !== undefined && <Table.Td className="number">{number(row.rank)}</Table.Td>}
      <Table.Td>
        <Anchor component={Link} to={`/builders/${row.user_id}`}>
          <bdi>{row.display_name}</bdi>
        </Anchor>
        <Text size="xs" c="dimmed">
          <bdi dir="ltr">@{row.username}</bdi>
        </Text>
      </Table.Td>
      <Table.Td className="number">{number(row.builder_score)}</Table.Td>
      <Table.Td>{terms !== null && <ScoreBar terms={terms} full={full} />}</Table.Td>
      <Table.Td className="number">
        <Change latest={latest} before={before} />
      </Table.Td>
    </Table.Tr>
  );
}

type Past = Schemas["PastBuilderScore"] | undefined;

function Change({ latest, before }: { latest: Past; before: Past }) {
  const { t } = useTranslation("builders");
  const number = useNumber(true);
  if (latest === undefined) return null;
  if (before === undefined) return <VisuallyHidden>{t("noChange")}</VisuallyHidden>;
  return <bdi dir="ltr">{number(latest.computed_score - before.computed_score)}</bdi>;
}
