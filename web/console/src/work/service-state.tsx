import { Alert, List, Skeleton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Refused } from "../shell/faces";
import { type Ready, useReady } from "./queries";

const COLORS: Record<Ready["status"], string> = { ready: "green", degraded: "yellow", unavailable: "red" };

/** Whether approvals and scores work, and each thing that they depend on. */
export function ServiceState() {
  const { t } = useTranslation("work");
  const { data, error, isPending } = useReady();
  return (
    <section aria-label={t("service")}>
      {isPending && <Skeleton height={64} />}
      {/* what was last heard means nothing any more */}
      {error !== null ? <Refused reason={error} /> : data && <Shown ready={data} />}
    </section>
  );
}

function Shown({ ready }: { ready: Ready }) {
  const { t } = useTranslation("work");
  return (
    // only the title is told when it changes: the details hold seconds
    <Alert role="none" color={COLORS[ready.status]} title={<span aria-live="polite">{t(ready.status)}</span>}>
      <List size="sm" listStyleType="none" styles={{ root: { display: "flex", flexWrap: "wrap", columnGap: 24 } }}>
        {ready.checks.map(({ name, ok, detail }) => (
          <List.Item key={name}>
            {t(name)}: {t(ok ? "works" : "fails")} (<bdi>{detail}</bdi>)
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
