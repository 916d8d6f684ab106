import { Stack, Table, Text, Title, VisuallyHidden } from "@mantine/core";
import { LazyScoreHistory, type PastScore } from "@steadyscore/scores-display";
import { type ReactNode, Suspense } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { Empty, Loaded } from "../shell/faces";
import { Wide } from "../shell/wide";
import { useNumber } from "./numbers";
import { usePastScores } from "./queries";
import { ScoreBar } from "./score-bar";
import { metricOf, type Term, termsOf } from "./terms";

/** How the score came to be what it is: today's terms, and all scores before. */
export function PastScores({ user }: { user: Schemas["Profile"] }) {
  const { t } = useTranslation("builders");
  const past = usePastScores(user.user_id);
  return (
    <Loaded query={past}>
      {(scores) => {
        const [latest] = scores;
        const terms = termsOf(latest?.breakdown);
        return (
          <>
            <Section title={t("howItCameAbout")}>
              {latest === undefined && <Empty>{t("noScoreYet")}</Empty>}
              {terms !== null && <Breakdown terms={terms} />}
            </Section>
            {latest !== undefined && (
              <Section title={t("history")}>
                <Suspense>
                  <LazyScoreHistory
                    scoreType={t("score")}
                    points={scores.map((score) => asPoint(score, t))}
                    headingLevel={3}
                  />
                </Suspense>
              </Section>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack component="section" gap="xs">
      <Title order={2}>{title}</Title>
      {children}
    </Stack>
  );
}

const EVENTS = [
  "profile_created",
  "profile_changed",
  "project_status_changed",
  "impact_changed",
  "collaborator_confirmed",
  "collaborator_removed",
] as const;

/** In the place of a change request: the event, in words; what this version does not know, as it stands there. */
function asPoint(score: Schemas["PastBuilderScore"], t: (event: (typeof EVENTS)[number]) => string): PastScore {
  const [name] = score.triggered_by.split(":");
  const event = EVENTS.find((one) => one === name);
  return { ...score, triggered_by_cr_id: event === undefined ? score.triggered_by : t(event) };
}

function Breakdown({ terms }: { terms: Term[] }) {
  const { t } = useTranslation("builders");
  const number = useNumber();
  const total = terms.reduce((sum, { points }) => sum + points, 0);
  return (
    <>
      <ScoreBar terms={terms} full={total} />
      <Wide label={t("howItCameAbout")}>
        <Table>
          <Table.Caption>
            <VisuallyHidden>{t("howItCameAbout")}</VisuallyHidden>
          </Table.Caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("term")}</Table.Th>
              <Table.Th>{t("counted")}</Table.Th>
              <Table.Th className="number">{t("points")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {terms.map((term) => (
              <TermRow key={term.name} term={term} />
            ))}
          </Table.Tbody>
          <Table.Tfoot>
            <Table.Tr>
              <Table.Th scope="row" colSpan={2}>
                {t("total")}
              </Table.Th>
              <Table.Th className="number">{number(total)}</Table.Th>
            </Table.Tr>
          </Table.Tfoot>
        </Table>
      </Wide>
    </>
  );
}

function TermRow({ term }: { term: Term }) {
  const { t } = useTranslation("builders");
  const number = useNumber();
  const counted = Object.entries(term.counted).map(([name, count]) => {
    const metric = metricOf(name);
    return metric === null ? number(count) : `${number(count)} ${t(metric as "stars")}`;
  });
  return (
    <Table.Tr>
      <Table.Th scope="row">
        <span className="term-name">
          <span data-term={term.name} aria-hidden="true" />
          {t(term.name)}
        </span>
      </Table.Th>
      <Table.Td>{counted.join(", ")}</Table.Td>
      <Table.Td className="number">
        {number(term.points)}
        {term.uncapped > term.points && (
          <Text size="xs" c="dimmed">
            {t("capped", { points: number(term.uncapped) })}
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
