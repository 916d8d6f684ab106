import { useTranslation } from "react-i18next";
import { useNumber } from "./numbers";
import type { Term } from "./terms";
import "./builders.css";

interface ScoreBarProps {
  terms: Term[];
  /** The score that fills the whole width. */
  full: number;
}

/** What a score is made of, at a glance; to who does not see it, in words. */
export function ScoreBar({ terms, full }: ScoreBarProps) {
  const { t } = useTranslation("builders");
  const number = useNumber();
  const inWords = terms.map(({ name, points }) => t("pointsOf", { term: t(name), points: number(points) }));
  return (
    <div role="img" aria-label={inWords.join("; ")} className="score-bar" title={inWords.join("\n")}>
      {terms
        .filter(({ points }) => points > 0)
        .map(({ name, points }) => (
          <span key={name} data-term={name} style={{ inlineSize: `${(100 * points) / Math.max(full, 1)}%` }} />
        ))}
    </div>
  );
}

/** Which colour is which, and how much it is. */
export function TermPoints({ terms }: { terms: Term[] }) {
  const { t } = useTranslation("builders");
  const number = useNumber();
  return (
    <ul className="score-bar-legend">
      {terms.map(({ name, points }) => (
        <li key={name}>
          <span data-term={name} aria-hidden="true" />
          {t("pointsOf", { term: t(name), points: number(points) })}
        </li>
      ))}
    </ul>
  );
}
