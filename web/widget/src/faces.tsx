import type { ReactNode, Ref } from "react";
import { useLanguage } from "./language";
import type { ScoresProblem } from "./problem";

/** It comes. */
export function Loading({ children }: { children: ReactNode }) {
  return (
    <p className="scores-face" aria-busy="true">
      <span className="scores-spinner" aria-hidden="true" /> {children}
    </p>
  );
}

/** There is nothing, and nothing is wrong. */
export function Empty({ children, ref }: { children: ReactNode; ref?: Ref<HTMLParagraphElement> }) {
  return (
    <p className="scores-face" ref={ref} tabIndex={-1}>
      {children}
    </p>
  );
}

interface RefusedProps {
  problem: ScoresProblem;
  /** In the place of the title that goes with the kind of problem. */
  title?: string | undefined;
  /** What stands there besides, and how old it is. */
  children?: ReactNode;
  onTryAgain?: (() => void) | undefined;
  /** It is being tried again. */
  isTrying?: boolean | undefined;
}

/** Why something is not shown, in the service's own words, and what can be done about it. */
export function Refused({ problem, title, children, onTryAgain, isTrying = false }: RefusedProps) {
  const { t } = useLanguage();
  const isForbidden = problem.kind === "forbidden";
  const kind = title === undefined ? "" : t(problem.kind);
  const said = problem.message || (isForbidden ? t("forbiddenWithoutReason") : kind);
  return (
    <div className="scores-face scores-alert" role="alert" data-kind={problem.kind}>
      <strong>{title ?? t(problem.kind)}</strong>
      {said !== "" && (
        <p>
          <bdi>{said}</bdi>
        </p>
      )}
      {children}
      {onTryAgain && !isForbidden && (
        <button
          type="button"
          className="scores-button"
          aria-disabled={isTrying}
          onClick={() => !isTrying && onTryAgain()}
        >
          {isTrying && <span className="scores-spinner" aria-hidden="true" />} {t("tryAgain")}
        </button>
      )}
    </div>
  );
}

/** For whoever sets up the host's pages; so it is in English, like the names in it. */
export function Misconfigured({ problems }: { problems: readonly string[] }) {
  const { t } = useLanguage();
  return (
    <div className="scores-face scores-alert" role="alert" data-kind="misconfigured">
      <strong>{t("misconfigured")}</strong>
      <ul dir="ltr" lang="en">
        {problems.map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
    </div>
  );
}
