import { ActionIcon, Anchor, Stack, Table, Text, VisuallyHidden } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { ChevronDown, ChevronUp } from "lucide-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "../api/client";
import { Empty, Loaded } from "../shell/faces";
import { Wide } from "../shell/wide";
import { useNumber } from "./numbers";
import { usePastScores } from "./queries";
import { ScoreBar, TermPoints } from "./score-bar";
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
  return (
    <Stack gap="xs">
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
              <Table.Th className="number">{t("madeOf")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <RankRow key={row.user_id} row={row} isMarked={row.user_id === marked} />
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Stack>
  );
}

function RankRow({ row, isMarked }: { row: Row; isMarked: boolean }) {
  const { t } = useTranslation("builders");
  const number = useNumber();
  const [isOpen, { toggle }] = useDisclosure();
  const id = useId();
  return (
    <>
      <Table.Tr aria-current={isMarked || undefined} {...(isMarked && { className: "marked" })}>
        {row.rank !== undefined && <Table.Td className="number">{number(row.rank)}</Table.Td>}
        <Table.Td className="builder-name">
          <Anchor component={Link} to={`/builders/${row.user_id}`}>
            <bdi>{row.display_name}</bdi>
          </Anchor>
          <Text size="xs" c="dimmed">
            <bdi dir="ltr">@{row.username}</bdi>
          </Text>
        </Table.Td>
        <Table.Td className="number">{number(row.builder_score)}</Table.Td>
        <Table.Td className="number">
          <ActionIcon
            variant="default"
            aria-label={t("madeOfWhose", { name: row.display_name })}
            aria-expanded={isOpen}
            {...(isOpen && { "aria-controls": id })}
            onClick={toggle}
          >
            {isOpen ? <ChevronUp size={16} aria-hidden /> : <ChevronDown size={16} aria-hidden />}
          </ActionIcon>
        </Table.Td>
      </Table.Tr>
      {isOpen && (
        <Table.Tr id={id}>
          <Table.Td colSpan={row.rank === undefined ? 3 : 4}>
            <MadeOf userId={row.user_id} />
          </Table.Td>
        </Table.Tr>
      )}
    </>
  );
}

/** The list tells scores alone; the latest two of one tell the terms and the change, to who asks for them. */
function MadeOf({ userId }: { userId: string }) {
  const { t } = useTranslation("builders");
  const change = useNumber(true);
  return (
    <Loaded query={usePastScores(userId, 2)}>
      {([latest, before]) => {
        const terms = termsOf(latest?.breakdown);
        if (latest === undefined || terms === null) return <Empty>{t("noScoreYet")}</Empty>;
        return (
          <Stack gap="xs">
            <ScoreBar terms={terms} full={latest.computed_score} />
            <TermPoints terms={terms} />
            {before !== undefined && (
              <Text size="sm">
                {t("change")}: <bdi dir="ltr">{change(latest.computed_score - before.computed_score)}</bdi>
              </Text>
            )}
          </Stack>
        );
      }}
    </Loaded>
  );
}
