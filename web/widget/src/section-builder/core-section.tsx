import { useLanguage } from "../language";
import { titleOf } from "./section-title";
import type { SectionConfig } from "./sections";

/** A section that the registry platform manages: seen, and locked. */
export function CoreSection({ section }: { section: SectionConfig }) {
  const { t } = useLanguage();
  return (
    <li className="scores-section scores-section-core">
      <p className="scores-section-head">
        <Lock />
        <strong dir="auto">{titleOf(section)}</strong>
        <span className="scores-section-badge">{t("sections.core")}</span>
        <bdi className="scores-section-id">{section["section-id"]}</bdi>
      </p>
      <p className="scores-section-reason">{t("sections.coreReason")}</p>
    </li>
  );
}

function Lock() {
  return (
    <svg aria-hidden="true" width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor">
      <rect x="3" y="7" width="10" height="7" rx="1.5" />
      <path d="M5 7V5a3 3 0 0 1 6 0v2" />
    </svg>
  );
}
