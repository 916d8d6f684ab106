"""Score definitions: create, change, read."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm.attributes import flag_modified

from scoring.compute import check_definition
from scoring.debounce import DebouncePolicy
from scoring.definitions import RegisterFacts, ScoreDefinition
from scoring.errors import ScoreDefinitionExists, ScoreDefinitionNotFound
from scoring.json_values import JsonObject
from store.database import Session
from store.tables import G2PRegisterScore, G2PRegisterScoreDefinition


@dataclass(frozen=True)
class DefinitionChange:
    """What to change in a definition; None leaves a field as it is."""

    contributing_attributes: tuple[str, ...] | None = None
    score_config: JsonObject | None = None
    is_enabled: bool | None = None
    debounce: DebouncePolicy | None = None


async def create_definition(
    session: Session, definition: ScoreDefinition, register: RegisterFacts
) -> G2PRegisterScoreDefinition:
    """Store a new definition.

    Raises:
        InvalidDefinition, ComputeServiceNotFound, RegisterPurposeConflict: see `scoring.compute.check_definition`.
        ScoreDefinitionExists: the register has a definition for this score type.
    """
    check_definition(definition, register)
    statement = (
        insert(G2PRegisterScoreDefinition)
        .values(register_id=definition.register_id, score_type=definition.score_type, **_columns(definition))
        .on_conflict_do_nothing(constraint="uq_g2p_register_score_definitions_register_type")
        .returning(G2PRegisterScoreDefinition)
    )
    row = (await session.scalars(statement)).one_or_none()
    if row is None:
        raise ScoreDefinitionExists(
            f"register {definition.register_id} already has a definition for {definition.score_type}; update that one",
            field="score_type",
        )
    return row


def _columns(definition: ScoreDefinition) -> dict[str, object]:
    return {
        "contributing_attributes": list(definition.contributing_attributes),
        "score_config": definition.score_config,
        "is_enabled": definition.is_enabled,
        "debounce": asdict(definition.debounce),
    }


async def update_definition(
    session: Session, score_definition_id: str, change: DefinitionChange, register: RegisterFacts
) -> G2PRegisterScoreDefinition:
    """Change a definition; its version goes up when a score computed by it could now be another.

    Raises:
        ScoreDefinitionNotFound: no definition has the id.
        InvalidDefinition, ComputeServiceNotFound, RegisterPurposeConflict: what it would become is refused.
    """
    row = await get_definition(session, score_definition_id, for_update=True)
    before = to_definition(row)
    after = replace(before, **{name: value for name, value in vars(change).items() if value is not None})
    check_definition(after, register)
    if _as_json(after) == _as_json(before):
        return row
    for name, value in _columns(after).items():
        setattr(row, name, value)
        flag_modified(row, name)
    if _computes_differently(before, after):
        row.version += 1
    row.updated_at = func.now()
    await session.flush()
    await session.refresh(row)
    return row


async def count_stale_scores(session: Session, definition: G2PRegisterScoreDefinition) -> int:
    """How many scores an older version of the definition computed."""
    stale = select(func.count()).where(
        G2PRegisterScore.score_definition_id == definition.score_definition_id,
        G2PRegisterScore.definition_version < definition.version,
    )
    return int(await session.scalar(stale) or 0)


def _computes_differently(before: ScoreDefinition, after: ScoreDefinition) -> bool:
    return _as_json(replace(before, is_enabled=after.is_enabled, debounce=after.debounce)) != _as_json(after)


def _as_json(definition: ScoreDefinition) -> str:
    # as text: to Python, true and 1 are equal
    return json.dumps(asdict(definition), sort_keys=True)


async def get_definition(
    session: Session, score_definition_id: str, *, for_update: bool = False
) -> G2PRegisterScoreDefinition:
    """Raise ScoreDefinitionNotFound when no definition has the id."""
    row = await session.get(
        G2PRegisterScoreDefinition,
        score_definition_id,
        with_for_update=for_update or None,
        populate_existing=for_update,
    )
    if row is None:
        raise ScoreDefinitionNotFound(
            f"no score definition has the id {score_definition_id}", field="score_definition_id"
        )
    return row


async def list_definitions(session: Session, register_id: str) -> list[G2PRegisterScoreDefinition]:
    """All definitions of a register, by score type."""
    statement = (
        select(G2PRegisterScoreDefinition)
        .where(G2PRegisterScoreDefinition.register_id == register_id)
        .order_by(G2PRegisterScoreDefinition.score_type)
    )
    return list(await session.scalars(statement))


def to_definition(row: G2PRegisterScoreDefinition) -> ScoreDefinition:
    """The row as the core sees it."""
    return ScoreDefinition(
        register_id=row.register_id,
        score_type=row.score_type,
        contributing_attributes=tuple(row.contributing_attributes),
        debounce=to_debounce(row.debounce),
        score_config=row.score_config,
        is_enabled=row.is_enabled,
        score_definition_id=row.score_definition_id,
        version=row.version,
    )


def to_debounce(value: Mapping[str, float]) -> DebouncePolicy:
    """The policy in a debounce column."""
    return DebouncePolicy(value["quiet_period"], value["max_wait"])
