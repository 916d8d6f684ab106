import { Stack, Tabs, Title } from "@mantine/core";
import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useMay } from "../session/session";
import { Empty, NoPermission } from "../shell/faces";
import { localeFor } from "../shell/locale";
import { RegisterChoice } from "../shell/register-choice";
import { FailedList } from "./failed-list";
import { PendingList } from "./pending-list";
import { useFailed, usePending } from "./queries";
import { ScoreList } from "./score-list";
import { ServiceState } from "./service-state";

const TABS = ["pending", "failed", "scores"] as const;
type Tab = (typeof TABS)[number];

/** What waits for its score, what got none, and which scores there are. */
export function WorkPage() {
  const { t } = useTranslation("work");
  const may = useMay("registerScore:view");
  const [parameters, setParameters] = useSearchParams();
  const registerId = parameters.get("register");
  if (!may) return <NoPermission permission="registerScore:view" page={t("title")} />;
  return (
    <Stack>
      <Title order={1}>{t("title")}</Title>
      <ServiceState />
      <RegisterChoice
        value={registerId}
        onChange={(register) => setParameters({ register, tab: parameters.get("tab") ?? "pending" })}
      />
      {registerId === null ? (
        <Empty>{t("chooseFirst")}</Empty>
      ) : (
        <OfRegister key={registerId} registerId={registerId} />
      )}
    </Stack>
  );
}

function OfRegister({ registerId }: { registerId: string }) {
  const { t } = useTranslation("work");
  const [parameters, setParameters] = useSearchParams();
  const tab = TABS.find((one) => one === parameters.get("tab")) ?? "pending";
  const pending = usePending(registerId, tab === "pending");
  const failed = useFailed(registerId, tab === "failed");
  const show = (chosen: string | null) => chosen !== null && setParameters({ register: registerId, tab: chosen });
  return (
    <Tabs value={tab} onChange={show} keepMounted={false}>
      <Tabs.List mb="md" aria-label={t("title")}>
        {TABS.map((one) => (
          <Tabs.Tab key={one} value={one}>
            {t(one)} {one === "pending" && <Count of={pending.query} />}
            {one === "failed" && <Count of={failed.query} />}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Panel tab="pending">
        <PendingList registerId={registerId} list={pending} />
      </Panel>
      <Panel tab="failed">
        <FailedList registerId={registerId} list={failed} />
      </Panel>
      <Panel tab="scores">
        <ScoreList registerId={registerId} />
      </Panel>
    </Tabs>
  );
}

function Panel({ tab, children }: { tab: Tab; children: React.ReactNode }) {
  const { t } = useTranslation("work");
  return (
    <Tabs.Panel value={tab}>
      <Stack>
        <Title order={2} size="h3">
          {t(tab)}
        </Title>
        {children}
      </Stack>
    </Tabs.Panel>
  );
}

/** How many are known so far. */
function Count<Row>({ of: { data, hasNextPage } }: { of: UseInfiniteQueryResult<Row[]> }) {
  const { i18n } = useTranslation();
  if (data === undefined) return null;
  return `(${new Intl.NumberFormat(localeFor(i18n.language)).format(data.length)}${hasNextPage ? "+" : ""})`;
}
