import { Button, Group, Modal, NativeSelect, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { useMay } from "../session/session";
import { Empty, Loaded, Refused } from "../shell/faces";
import { localeFor } from "../shell/locale";
import { Explanation } from "./explanation";
import { useComputations, useScoreTypes } from "./queries";

/** A dialog that tells of each score why it is what it is, of the latest and of those before. */
export function Explanations({ recordId }: { recordId: string }) {
  const { t } = useTranslation("records");
  const may = useMay("registerHistory:view");
  const [isOpen, { open, close }] = useDisclosure(false);
  const scoreTypes = useScoreTypes(recordId, isOpen);
  if (!may) return null;
  return (
    <>
      <Button size="compact-md" variant="light" onClick={open}>
        {t("explain")}
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title={t("explain")}
        size="lg"
        closeButtonProps={{ "aria-label": t("close") }}
      >
        <Loaded query={scoreTypes}>
          {(types) =>
            types.length > 0 ? <Choice recordId={recordId} types={types} /> : <Empty>{t("noScores")}</Empty>
          }
        </Loaded>
      </Modal>
    </>
  );
}

function Choice({ recordId, types }: { recordId: string; types: string[] }) {
  const { t } = useTranslation("records");
  const [scoreType, setScoreType] = useState(types[0] as string);
  const computations = useComputations(recordId, scoreType);
  return (
    <Stack>
      <NativeSelect
        label={t("scoreType")}
        data={types}
        value={scoreType}
        onChange={(event) => setScoreType(event.currentTarget.value)}
        data-autofocus
      />
      <Loaded query={computations}>
        {(rows) =>
          rows.length > 0 ? (
            <Computations
              key={scoreType}
              recordId={recordId}
              scoreType={scoreType}
              rows={rows}
              more={<Earlier query={computations} />}
            />
          ) : (
            <Empty>{t("noScores")}</Empty>
          )
        }
      </Loaded>
    </Stack>
  );
}

function Earlier({ query }: { query: ReturnType<typeof useComputations> }) {
  const { t } = useTranslation("records");
  const { hasNextPage, isFetchingNextPage, fetchNextPage, isFetchNextPageError, error } = query;
  if (!hasNextPage) return null;
  return (
    <>
      {isFetchNextPageError && <Refused reason={error} />}
      <Group>
        <Button size="xs" variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t("earlierComputations")}
        </Button>
      </Group>
    </>
  );
}

interface ComputationsProps {
  recordId: string;
  scoreType: string;
  rows: Schemas["PastScore"][];
  /** Below the choice, for those before them. */
  more: ReactNode;
}

function Computations({ recordId, scoreType, rows, more }: ComputationsProps) {
  const { t, i18n } = useTranslation("records");
  const [chosen, setChosen] = useState<string>();
  const numbers = new Intl.NumberFormat(localeFor(i18n.language), { maximumFractionDigits: 6 });
  const times = new Intl.DateTimeFormat(localeFor(i18n.language), { dateStyle: "medium", timeStyle: "medium" });
  const sequence = Number(chosen ?? rows[0]?.sequence);
  return (
    <>
      <NativeSelect
        label={t("computation")}
        value={String(sequence)}
        onChange={(event) => setChosen(event.currentTarget.value)}
        data={rows.map((row) => ({
          value: String(row.sequence),
          label: `${numbers.format(row.computed_score)} · ${times.format(new Date(row.computed_at))}`,
        }))}
      />
      {more}
      <Explanation recordId={recordId} scoreType={scoreType} sequence={sequence} />
    </>
  );
}
