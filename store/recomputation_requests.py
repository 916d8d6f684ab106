"""Asking for a register's scores to be computed again; what is under way already is joined."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from scoring.definitions import RegisterFacts, require_scored_purpose, why_nothing_is_computed
from scoring.errors import ScoreDefinitionDisabled, ScoreDefinitionNotFound
from scoring.names import recompute_workflow_id
from scoring.recompute_messages import RecomputationStatus
from store.database import Session
from store.definition_tables import G2PRegisterScoreDefinition
from store.definitions import list_definitions, to_definition
from store.recomputation_table import IS_ACTIVE
from store.recomputations import notify_relay

# What is under way would not do all that is asked for: it begins again.
_ASKS_FOR_MORE = """excluded.score_definition_id <> recomputation.score_definition_id
            OR excluded.definition_version <> recomputation.definition_version
            OR (recomputation.only_stale AND NOT excluded.only_stale)"""

_ASK = text(f"""
INSERT INTO g2p_score_recomputations AS recomputation (
    register_id, score_type, score_definition_id, definition_version, only_stale, rate)
SELECT register_id, score_type, score_definition_id, version, :only_stale, :rate
FROM g2p_register_score_definitions WHERE score_definition_id = ANY(:score_definition_ids) ORDER BY score_type
ON CONFLICT (register_id, score_type) WHERE {IS_ACTIVE} DO UPDATE SET
    score_definition_id = excluded.score_definition_id, definition_version = excluded.definition_version,
    only_stale = recomputation.only_stale AND excluded.only_stale,
    rate = coalesce(excluded.rate, recomputation.rate),
    (last_record_id, looked_at, requested, total_records, all_requested) = (
        SELECT '', 0, 0, NULL::integer, false WHERE {_ASKS_FOR_MORE}
        UNION ALL
        SELECT recomputation.last_record_id, recomputation.looked_at, recomputation.requested,
            recomputation.total_records, recomputation.all_requested WHERE NOT ({_ASKS_FOR_MORE})),
    start_after = now(), updated_at = now()
-- 0 in a row that this statement made
RETURNING recomputation_id, score_type, status, xmax <> 0 AS joined
""")


MIN_RATE = 0.1
"""A run that waits between pages looks at nothing else meanwhile: this bounds the wait."""

MAX_RATE = 1_000_000.0


@dataclass(frozen=True)
class RecomputationWanted:
    """What to recompute: these score types, or every enabled one; `rate` in records a second, or as fast as it goes."""

    score_types: Sequence[str] | None = None
    only_stale: bool = False
    rate: float | None = None


@dataclass(frozen=True)
class AskedRecomputation:
    """The recomputation of one score type; `joined` when it was under way before."""

    recomputation_id: str
    register_id: str
    score_type: str
    status: RecomputationStatus
    joined: bool

    @property
    def workflow_id(self) -> str:
        """The id of its run in Temporal."""
        return recompute_workflow_id(self.register_id, self.score_type)


async def ask_for_recomputation(
    session: Session, register: RegisterFacts, wanted: RecomputationWanted
) -> list[AskedRecomputation]:
    """Ask for a register's scores to be computed again; the relay hears of it when the caller commits.

    What is under way for a score type already is joined: it goes on where it is, at the new rate where one is named,
    and begins again where more is asked for than it would do.

    Raises:
        RegisterPurposeConflict: the register has no scores.
        ScoreDefinitionNotFound, ScoreDefinitionDisabled: there is nothing to compute a score type by.
    """
    require_scored_purpose(register)
    definitions = _chosen(await list_definitions(session, register.register_id), wanted.score_types)
    parameters = {
        "score_definition_ids": [definition.score_definition_id for definition in definitions],
        "only_stale": wanted.only_stale,
        "rate": wanted.rate,
    }
    rows = (await session.execute(_ASK, parameters)).all()
    await notify_relay(session, register.register_id)
    return [
        AskedRecomputation(row.recomputation_id, register.register_id, row.score_type, row.status, row.joined)
        for row in sorted(rows, key=lambda row: str(row.score_type))
    ]


def _chosen(
    definitions: Sequence[G2PRegisterScoreDefinition], score_types: Iterable[str] | None
) -> list[G2PRegisterScoreDefinition]:
    by_type = {definition.score_type: definition for definition in definitions}
    if score_types is None:
        score_types = [name for name, row in by_type.items() if why_nothing_is_computed(to_definition(row)) is None]
        if not score_types:
            raise ScoreDefinitionNotFound(
                "the register has no enabled score definition with attributes; create one, or enable one",
                field="register_id",
            )
    return [_require_computing(by_type, score_type) for score_type in sorted(set(score_types))]


def _require_computing(by_type: dict[str, G2PRegisterScoreDefinition], score_type: str) -> G2PRegisterScoreDefinition:
    definition = by_type.get(score_type)
    if definition is None:
        known = ", ".join(sorted(by_type)) or "none"
        raise ScoreDefinitionNotFound(
            f"the register has no score definition for {score_type}; it has {known}", field="score_types"
        )
    reason = why_nothing_is_computed(to_definition(definition))
    if reason is not None:
        raise ScoreDefinitionDisabled(f"the score definition for {score_type} {reason}", field="score_types")
    return definition
