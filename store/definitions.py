"""Score definitions: create, change, delete, read. Every change is in the audit log: that is a definition's history."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm.attributes import flag_modified

from scoring.compute import check_definition
from scoring.debounce import DebouncePolicy
from scoring.definitions import RegisterFacts, ScoreDefinition, weighted
from scoring.errors import InvalidDefinition, ScoreDefinitionExists, ScoreDefinitionNotFound
from scoring.json_values import JsonObject, json_text
from store.audit import Actor, append_audit
from store.database import Session
from store.definition_tables import G2PRegisterScoreContributingAttribute, G2PRegisterScoreDefinition
from store.tables import G2PRegisterScore
from store.weighted_attributes import list_weighted_attributes, to_weighted_attribute


@dataclass(frozen=True)
class DefinitionChange:
    """What to change in a definition; None leaves a field as it is."""

    contributing_attributes: tuple[str, ...] | None = None
    score_config: JsonObject | None = None
    is_enabled: bool | None = None
    debounce: DebouncePolicy | None = None


async def create_definition(
    session: Session, actor: Actor, definition: ScoreDefinition, register: RegisterFacts
) -> G2PRegisterScoreDefinition:
    """Store a new definition; one without contributing attributes waits for weighted ones, and computes nothing.

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
    session.add_all(
        G2PRegisterScoreContributingAttribute(score_definition_id=row.score_definition_id, **vars(attribute))
        for attribute in definition.weighted_attributes
    )
    after = await load_definition(session, row)
    await append_audit(
        session, actor, "create_score_definition", row.score_definition_id, {"before": None, "after": asdict(after)}
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
    session: Session, actor: Actor, score_definition_id: str, change: DefinitionChange, register: RegisterFacts
) -> G2PRegisterScoreDefinition:
    """Change a definition; its version goes up when a score computed by it could now be another.

    Raises:
        ScoreDefinitionNotFound: no definition has the id.
        InvalidDefinition, ComputeServiceNotFound, RegisterPurposeConflict: what it would become is refused.
    """
    row, before = await lock_definition(session, score_definition_id)
    after = _changed(before, change)
    check_definition(after, register)
    await save_definition(session, Change(actor, "update_score_definition", before, after), row)
    return row


def _changed(before: ScoreDefinition, change: DefinitionChange) -> ScoreDefinition:
    after = replace(before, **{name: value for name, value in vars(change).items() if value is not None})
    if before.is_plain and not after.contributing_attributes:
        raise InvalidDefinition(
            "contributing_attributes is empty; name at least one attribute path, or delete the definition and create "
            "it anew without any to give it weighted attributes",
            field="contributing_attributes",
        )
    if set(after.contributing_attributes) == set(before.contributing_attributes) and before.weighted_attributes:
        return weighted(after, before.weighted_attributes)
    return after


async def delete_definition(session: Session, actor: Actor, score_definition_id: str) -> None:
    """Delete a definition with its weighted attributes.

    Scores, history and requests stay, with all that they were computed from: what is pending is still computed.

    Raises:
        ScoreDefinitionNotFound: no definition has the id.
    """
    row, before = await lock_definition(session, score_definition_id)
    await session.delete(row)
    await session.flush()
    details = {"before": asdict(before), "after": None}
    await append_audit(session, actor, "delete_score_definition", score_definition_id, details)


@dataclass(frozen=True)
class Change:
    """Who makes of a definition what, as the audit log has it."""

    actor: Actor
    action: str
    before: ScoreDefinition
    after: ScoreDefinition


async def lock_definition(
    session: Session, score_definition_id: str
) -> tuple[G2PRegisterScoreDefinition, ScoreDefinition]:
    """The definition, locked against every other change of it and of its weighted attributes.

    Raises:
        ScoreDefinitionNotFound: no definition has the id.
    """
    row = await get_definition(session, score_definition_id, for_update=True)
    return row, await load_definition(session, row)


async def load_definition(session: Session, row: G2PRegisterScoreDefinition) -> ScoreDefinition:
    """The row and its weighted attributes as the core sees them."""
    attributes = await list_weighted_attributes(session, row.score_definition_id)
    return replace(to_definition(row), weighted_attributes=tuple(map(to_weighted_attribute, attributes)))


async def save_definition(session: Session, change: Change, row: G2PRegisterScoreDefinition) -> None:
    """Store what a locked definition became, its version and who did it; where nothing changed, nothing is stored.

    Its weighted attributes are the caller's to store.
    """
    before, after = change.before, change.after
    if _as_json(after) == _as_json(before):
        return
    for name, value in _columns(after).items():
        setattr(row, name, value)
        flag_modified(row, name)
    if _computes_differently(before, after):
        row.version += 1
    row.updated_at = func.now()
    await session.flush()
    await session.refresh(row)
    details = {"before": asdict(before), "after": asdict(replace(after, version=row.version))}
    await append_audit(session, change.actor, change.action, row.score_definition_id, details)


async def count_stale_scores(session: Session, definition: G2PRegisterScoreDefinition) -> int:
    """How many scores an older version of the definition computed, or one that was deleted since."""
    score = G2PRegisterScore
    of_the_type = (score.register_id == definition.register_id, score.score_type == definition.score_type)
    current = (
        score.score_definition_id == definition.score_definition_id,
        score.definition_version >= definition.version,
    )
    # two counts, each within one index
    everyone = select(func.count()).where(*of_the_type).scalar_subquery()
    up_to_date = select(func.count()).where(*current).scalar_subquery()
    return int(await session.scalar(select(everyone - up_to_date)) or 0)


def _computes_differently(before: ScoreDefinition, after: ScoreDefinition) -> bool:
    return _as_json(replace(before, is_enabled=after.is_enabled, debounce=after.debounce)) != _as_json(after)


def _as_json(definition: ScoreDefinition) -> str:
    # as text: to Python, true and 1 are equal
    return json_text(asdict(definition))


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
    """The row as the core sees it, without the weights of its attributes: see `load_definition`."""
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
