import { Button, Group, Stack } from "@mantine/core";
import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Empty, Loaded, Refused } from "./faces";

interface PagedProps<Row> {
  /** Its data: the rows of all pages so far. */
  query: UseInfiniteQueryResult<Row[]>;
  /** Said where there is nothing. */
  empty?: ReactNode;
  children: (rows: Row[]) => ReactNode;
}

/** A list that comes page by page; a page may be short, even empty, and go on. */
export function Paged<Row>({ query, empty, children }: PagedProps<Row>) {
  const { t } = useTranslation("shell");
  const { hasNextPage, isFetchingNextPage, fetchNextPage, isFetchNextPageError, error } = query;
  return (
    <Loaded query={query}>
      {(rows) => (
        <Stack>
          {rows.length > 0 ? children(rows) : !hasNextPage && <Empty>{empty}</Empty>}
          {isFetchNextPageError && <Refused reason={error} />}
          {hasNextPage && (
            <Group justify="center">
              <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                {t("more")}
              </Button>
            </Group>
          )}
        </Stack>
      )}
    </Loaded>
  );
}
