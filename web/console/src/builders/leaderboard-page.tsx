import { Anchor, Group, Stack, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useMay } from "../session/session";
import { Loaded, NoPermission } from "../shell/faces";
import { Paged } from "../shell/paged";
import { FindBuilder } from "./find-builder";
import { type ScoreRange, useAround, useByScore, useLeaderboard, useMe } from "./queries";
import { RankTable } from "./rank-table";
import { ScoreFilter } from "./score-filter";

/** Everybody by score: from the top, around somebody, or those with such a score. */
export function LeaderboardPage() {
  const { t } = useTranslation("builders");
  const mayLook = useMay("builder:view", "builder:participate");
  const mayTakePart = useMay("builder:participate");
  const [chosen, choose] = useSearchParams();
  const around = chosen.get("around");
  const range = { min: wholeIn(chosen.get("min")), max: wholeIn(chosen.get("max")) };
  if (!mayLook) return <NoPermission permission="builder:view" page={t("leaderboard")} />;
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1}>{t("leaderboard")}</Title>
        {mayTakePart && <OwnLinks />}
      </Group>
      <Group align="flex-start" gap="xl">
        <FindBuilder />
        <ScoreFilter range={range} onChoose={(wanted) => choose(asParameters(wanted))} />
      </Group>
      {around !== null ? (
        <Around userId={around} />
      ) : range.min !== null || range.max !== null ? (
        <ByScore range={range} />
      ) : (
        <FromTheTop />
      )}
    </Stack>
  );
}

function OwnLinks() {
  const { t } = useTranslation("builders");
  const { data: me } = useMe();
  return (
    <Group>
      {me && (
        <Anchor component={Link} to={`/builders?around=${me.user_id}`}>
          {t("aroundMe")}
        </Anchor>
      )}
      <Anchor component={Link} to="/builders/me">
        {me === null ? t("signUp") : t("myProfile")}
      </Anchor>
    </Group>
  );
}

function FromTheTop() {
  const { t } = useTranslation("builders");
  const { data: me } = useMe();
  return (
    <Paged query={useLeaderboard()} empty={t("noBuilders")}>
      {(rows) => <RankTable rows={rows} label={t("leaderboard")} marked={me?.user_id} />}
    </Paged>
  );
}

function Around({ userId }: { userId: string }) {
  const { t } = useTranslation("builders");
  return (
    <Loaded query={useAround(userId)}>
      {(rows) => {
        const name = rows.find((row) => row.user_id === userId)?.display_name ?? "";
        return (
          <Section title={t("aroundTitle", { name })}>
            <RankTable rows={rows} label={t("aroundTitle", { name })} marked={userId} />
          </Section>
        );
      }}
    </Loaded>
  );
}

function ByScore({ range }: { range: ScoreRange }) {
  const { t } = useTranslation("builders");
  return (
    <Section title={t("byScoreTitle")}>
      <Paged query={useByScore(range)}>{(rows) => <RankTable rows={rows} label={t("byScoreTitle")} />}</Paged>
    </Section>
  );
}

function Section({ title, children }: { title: string; children: React.ReactNode }) {
  const { t } = useTranslation("builders");
  return (
    <Stack component="section">
      <Group justify="space-between">
        <Title order={2}>{title}</Title>
        <Anchor component={Link} to="/builders">
          {t("wholeLeaderboard")}
        </Anchor>
      </Group>
      {children}
    </Stack>
  );
}

function wholeIn(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function asParameters({ min, max }: ScoreRange): Record<string, string> {
  return { ...(min !== null && { min: String(min) }), ...(max !== null && { max: String(max) }) };
}
