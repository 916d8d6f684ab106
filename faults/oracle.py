"""The judge of a load that has settled: what was lost, what is wrong, what was done twice, from PostgreSQL alone.

Shares no code with what it judges: SQL, formulas and attribute paths of its own. Its rules stand in `oracle_*.py`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from faults.oracle_builders import (
    AcknowledgedRow,
    acknowledged_events_are_in_the_data,
    breakdowns_explain_their_scores,
    builders_have_asked_for_their_scores,
    copies_are_the_stored_scores,
    windows_pass_between_scores,
)
from faults.oracle_database import connected
from faults.oracle_findings import Finding, Kind
from faults.oracle_registry import (
    AcknowledgedApproval,
    acknowledged_approvals_are_in_the_registry,
    approvals_are_whole_and_happened_once,
    records_are_what_their_history_says,
)
from faults.oracle_requests import (
    approvals_asked_for_the_scores_they_touch,
    failures_say_why,
    nothing_is_pending,
    recomputations_come_to_their_end,
    requests_hold_the_latest_attributes,
)
from faults.oracle_rows import EndState, RecordAndType, read_end_state
from faults.oracle_scores import (
    each_computed_sequence_has_one_row,
    no_score_went_back,
    rows_of_the_history_compute_to_their_own_numbers,
    rows_of_the_history_hold_what_was_approved,
    score_ids_are_those_of_before,
    scores_are_what_the_formula_makes_of_the_latest_attributes,
)
from faults.oracle_watcher import Decrease, Watcher

__all__ = ["Finding", "Kind", "Observed", "Verdict", "Watcher", "check", "score_ids"]

SHOWN = 20

_RULES = (
    approvals_are_whole_and_happened_once,
    records_are_what_their_history_says,
    approvals_asked_for_the_scores_they_touch,
    requests_hold_the_latest_attributes,
    nothing_is_pending,
    recomputations_come_to_their_end,
    failures_say_why,
    scores_are_what_the_formula_makes_of_the_latest_attributes,
    each_computed_sequence_has_one_row,
    rows_of_the_history_compute_to_their_own_numbers,
    rows_of_the_history_hold_what_was_approved,
    builders_have_asked_for_their_scores,
    copies_are_the_stored_scores,
    breakdowns_explain_their_scores,
    windows_pass_between_scores,
)

LOST = frozenset(
    {
        Kind.APPROVAL_LOST,
        Kind.APPROVAL_HALVED,
        Kind.TRIGGER_LOST,
        Kind.SCORE_LOST,
        Kind.HISTORY_MISSING,
        Kind.RECOMPUTATION_LOST,
        Kind.EVENT_LOST,
    }
)
WRONG = frozenset(
    {
        Kind.RECORD_NOT_ITS_HISTORY,
        Kind.REQUEST_OUTDATED,
        Kind.SCORE_WRONG,
        Kind.FAILED_NEEDLESSLY,
        Kind.FAILED_WITHOUT_REASON,
        Kind.HISTORY_WRONG,
        Kind.HISTORY_UNAPPROVED,
        Kind.SEQUENCE_FELL,
        Kind.SCORE_ID_CHANGED,
        Kind.SCORE_WENT_BACK,
        Kind.COPY_WRONG,
        Kind.BREAKDOWN_WRONG,
    }
)
DOUBLE = frozenset({Kind.HISTORY_DOUBLE, Kind.COMPUTED_TWICE, Kind.COMPUTED_TOO_SOON})
DUPLICATES = frozenset({Kind.APPROVAL_TWICE})
PENDING = frozenset({Kind.NOT_SETTLED})
COLUMNS = (LOST, WRONG, DOUBLE, DUPLICATES, PENDING)
"""Each kind is in exactly one."""


@dataclass(frozen=True)
class Observed:
    """What was seen during the run, if anybody looked."""

    score_ids: Mapping[RecordAndType, str] = field(default_factory=dict)
    decreases: Sequence[Decrease] = ()


@dataclass(frozen=True)
class Verdict:
    """The findings, and how much there was to judge; `failed` are requests FAILED, whether rightly or not."""

    findings: Sequence[Finding]
    approvals: int
    scores: int
    history: int
    failed: int

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def lost(self) -> int:
        """Approvals, requests and scores that are not where they should be."""
        return self.count(*LOST)

    @property
    def wrong(self) -> int:
        """Records, requests and scores that are not what they should be."""
        return self.count(*WRONG)

    @property
    def double(self) -> int:
        """Computations that were recorded more than once."""
        return self.count(*DOUBLE)

    @property
    def duplicates(self) -> int:
        """Approvals that were applied more than once."""
        return self.count(*DUPLICATES)

    @property
    def pending(self) -> int:
        """Requests and recomputations that are not settled."""
        return self.count(*PENDING)

    def count(self, *kinds: Kind) -> int:
        """How many findings are of these kinds."""
        return sum(finding.kind in kinds for finding in self.findings)

    def __str__(self) -> str:
        judged = (
            f"{self.approvals} approvals, {self.scores} scores, {self.history} in the history, {self.failed} failed"
        )
        kinds = Counter(finding.kind for finding in self.findings)
        lines = [f"{count} x {kind}" for kind, count in kinds.items()]
        return "\n".join([judged, *lines, *map(str, self.findings[:SHOWN])])


async def check(
    database_url: str,
    acknowledged: Iterable[AcknowledgedApproval],
    observed: Observed | None = None,
    events: Iterable[AcknowledgedRow] = (),
) -> Verdict:
    """Judge a load that has settled; `events` is what must have come of what builders were told.

    Raises:
        LookupError: there is a score type whose formula the oracle does not know.
    """
    approvals = list(acknowledged)
    async with connected(database_url) as connection:
        state = await read_end_state(connection)
    return Verdict(
        findings=[
            *_findings(state, approvals, observed or Observed()),
            *acknowledged_events_are_in_the_data(state, events),
        ],
        approvals=len(approvals),
        scores=len(state.scores),
        history=len(state.history),
        failed=sum(request.compute_status == "FAILED" for request in state.requests.values()),
    )


def _findings(state: EndState, acknowledged: Sequence[AcknowledgedApproval], observed: Observed) -> Iterator[Finding]:
    return chain(
        acknowledged_approvals_are_in_the_registry(state, acknowledged),
        chain.from_iterable(rule(state) for rule in _RULES),
        score_ids_are_those_of_before(state, observed.score_ids),
        no_score_went_back(observed.decreases),
    )


async def score_ids(database_url: str) -> Mapping[RecordAndType, str]:
    """The id of each score that there is now, by record and score type."""
    async with connected(database_url) as connection:
        rows = await connection.fetch("SELECT internal_record_id, score_type, score_id FROM g2p_register_scores")
    return {row[:2]: row[2] for row in rows}
