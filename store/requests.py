"""The trigger: an approved change becomes score requests, within the transaction of the approval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, case, func, select
from sqlalchemy.dialects.postgresql import Insert, insert

from scoring.attributes import flatten, snapshot, touches
from scoring.definitions import SCORED_PURPOSE
from scoring.json_values import JsonValue, require_storable
from scoring.names import SCORES_REQUESTED_CHANNEL
from store.database import Session
from store.tables import ComputeStatus, G2PRegisterScoreDefinition, G2PScoreComputeQueue, score_request_sequence


@dataclass(frozen=True)
class ApprovedChange:
    """A change request as it is being approved.

    `change_payload` is what it changes, nested or dotted; `record_attributes` are the record's after the change, read
    in the same transaction while it holds the record's row lock (updating the row takes it).
    """

    register_id: str
    register_purpose: str
    internal_record_id: str
    change_request_id: str
    change_payload: Mapping[str, JsonValue]
    record_attributes: Mapping[str, JsonValue]


# columns, not objects: a session that has read a definition before would see it as it was then
_ENABLED = (
    select(
        G2PRegisterScoreDefinition.score_definition_id,
        G2PRegisterScoreDefinition.score_type,
        G2PRegisterScoreDefinition.contributing_attributes,
        G2PRegisterScoreDefinition.version,
        G2PRegisterScoreDefinition.score_config,
        G2PRegisterScoreDefinition.debounce,
    )
    .where(G2PRegisterScoreDefinition.register_id == bindparam("register_id"), G2PRegisterScoreDefinition.is_enabled)
    # every approval locks a record's requests in this order: no deadlocks
    .order_by(G2PRegisterScoreDefinition.score_type)
)


async def request_scores(session: Session, change: ApprovedChange) -> list[str]:
    """Ask for every score that the change touches; call it in the approval's transaction, after the record's update.

    Adds two statements at most. When the caller commits, the relay hears of it; when it rolls back, nothing happened.
    A score type that is waiting already gets the newer snapshot. Who approves changes of several records in one
    transaction does so in the order of their ids, as everything else that locks requests does.

    Returns:
        The score types asked for.

    Raises:
        InvalidInput: the payload or a contributing value cannot be stored or is ambiguous.
    """
    if change.register_purpose != SCORED_PURPOSE:
        return []
    definitions = (await session.execute(_ENABLED, {"register_id": change.register_id})).all()
    changed = list(flatten(change.change_payload))
    touched = [definition for definition in definitions if touches(changed, definition.contributing_attributes)]
    if touched:
        await _save_requests(session, [_request_row(change, definition) for definition in touched])
    return [definition.score_type for definition in touched]


def _request_row(change: ApprovedChange, definition: Row[Any]) -> dict[str, object]:
    values = snapshot(change.record_attributes, definition.contributing_attributes)
    for path, value in values.items():
        require_storable(value, path)
    return {
        "register_id": change.register_id,
        "internal_record_id": change.internal_record_id,
        "score_definition_id": definition.score_definition_id,
        "score_type": definition.score_type,
        "change_request_id": change.change_request_id,
        "contributing_attribute_values": values,
        "definition_version": definition.version,
        "score_config": definition.score_config,
        "debounce": definition.debounce,
    }


async def _save_requests(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    requested = _upsert(rows).returning(G2PScoreComputeQueue.register_id).cte("requested")
    await session.execute(select(func.pg_notify(SCORES_REQUESTED_CHANNEL, requested.c.register_id)))


def _upsert(rows: Sequence[Mapping[str, object]]) -> Insert:
    statement = insert(G2PScoreComputeQueue).values(list(rows))
    queue, newer = G2PScoreComputeQueue, statement.excluded
    return statement.on_conflict_do_update(
        constraint="uq_g2p_score_compute_queue_record_type",
        set_={name: newer[name] for name in rows[0] if name not in {"internal_record_id", "score_type"}}
        | {
            # drawn here, not taken from `excluded`: PostgreSQL evaluates this under the row's lock
            "sequence": score_request_sequence.next_value(),
            "compute_status": ComputeStatus.PENDING.value,
            "pending_since": case(
                (queue.compute_status == ComputeStatus.PENDING.value, queue.pending_since), else_=func.now()
            ),
            "compute_latest_timestamp": func.now(),
            "compute_latest_error_code": None,
            "compute_latest_error_message": None,
        },
    )
