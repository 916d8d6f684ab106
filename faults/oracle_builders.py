"""Rules about builders: no event is lost, the copy is the score, the breakdown explains it, the window passes."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Any, Protocol

from faults.oracle_builder_rows import BUILDERS
from faults.oracle_findings import Finding, Findings, Kind
from faults.oracle_formulas import builder_terms
from faults.oracle_rows import EndState

BUILDER_SCORE = "BUILDER_SCORE"


class AcknowledgedRow(Protocol):
    """What somebody was told: this row holds these values, since the last change of it."""

    @property
    def table(self) -> str:
        """Where the row is."""

    @property
    def key(self) -> tuple[str, ...]:
        """The row's."""

    @property
    def values(self) -> Mapping[str, Any]:
        """By column."""


def acknowledged_events_are_in_the_data(state: EndState, acknowledged: Iterable[AcknowledgedRow]) -> Findings:
    """Each row is what the last acknowledged event has made of it."""
    for one in acknowledged:
        row = state.builders.tables[one.table].get(one.key)
        others = [name for name, value in one.values.items() if row is None or row[name] != value]
        if row is None or others:
            seen = "no row" if row is None else f"another {', '.join(others)}"
            yield Finding(Kind.EVENT_LOST, f"{one.table} {', '.join(one.key)}", "as acknowledged", seen)


def builders_have_asked_for_their_scores(state: EndState) -> Findings:
    """There is none without a request: signing up asks. That it is of the latest counts is a rule of its own."""
    for user in state.builders.users:
        if (user["user_id"], BUILDER_SCORE) not in state.requests:
            yield Finding(Kind.TRIGGER_LOST, f"{user['user_id']}, {BUILDER_SCORE}", "a request", "no request")


def copies_are_the_stored_scores(state: EndState) -> Findings:
    """A builder's row has the score that is stored; 0 as long as there is none."""
    for user in state.builders.users:
        score = state.scores.get((user["user_id"], BUILDER_SCORE))
        stored = score.computed_score if score else 0
        if user["builder_score"] != stored:
            yield Finding(Kind.COPY_WRONG, user["user_id"], stored, user["builder_score"])


def breakdowns_explain_their_scores(state: EndState) -> Findings:
    """Each row's terms are the formula's on the row's own values, and add up to its score."""
    for row in state.history:
        if row.register_id != BUILDERS:
            continue
        told = {name: term["points"] for name, term in (row.breakdown or {}).items()}
        terms = builder_terms(row.contributing_attribute_values, row.score_config)
        if told != terms or sum(told.values()) != row.computed_score:
            where = f"{row.internal_record_id}, sequence {row.sequence}"
            yield Finding(Kind.BREAKDOWN_WRONG, where, "the terms of the score", "others")


def windows_pass_between_scores(state: EndState) -> Findings:
    """The fixed window of the definition, by PostgreSQL's clock, which dates them; a recomputation waits for none."""
    windows = [one.debounce["max_wait"] for one in state.definitions if one.score_type == BUILDER_SCORE]
    window = timedelta(seconds=float(max(windows, default=0)))
    for (record_id, score_type), rows in sorted(state.history_by_score.items()):
        for earlier, later in pairwise(rows if score_type == BUILDER_SCORE else []):
            passed = later.computed_at - earlier.computed_at
            if passed < window and later.triggered_by_cr_id not in state.recomputations:
                where = f"{record_id}, sequences {earlier.sequence} and {later.sequence}"
                yield Finding(Kind.COMPUTED_TOO_SOON, where, f"{window} at least", passed)
