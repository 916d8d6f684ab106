"""The trigger: an approved change becomes score requests, within the transaction of the approval."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from scoring.attributes import flatten, snapshot, touches
from scoring.definitions import SCORED_PURPOSE
from scoring.json_values import JsonValue, require_storable
from scoring.names import SCORE_EVENTS_CHANNEL, SCORES_REQUESTED_CHANNEL
from scoring.priorities import RequestPriority
from store.database import Session
from store.definition_tables import G2PRegisterScoreDefinition
from store.request_rows import upsert_requests
from store.tables import RequestReason
from store.weighted_attributes import SELECT_FOR_REQUESTS


@dataclass(frozen=True)
class ApprovedChange:
    """A change request as it is being approved.

    `change_payload` is what it changes, nested or dotted; `record_attributes` are the record's after the change, read
    in the same transaction while it holds the record's row lock (updating the row takes it). An intake submission has
    a `submission_id` and an empty `change_request_id`. A storm of changes with one `fairness_key` delays no others; by
    default that is the register's.
    """

    register_id: str
    register_purpose: str
    internal_record_id: str
    change_request_id: str
    change_payload: Mapping[str, JsonValue]
    record_attributes: Mapping[str, JsonValue]
    submission_id: str = ""
    priority: RequestPriority = RequestPriority.HIGH
    fairness_key: str = ""


_ENABLED = (
    SELECT_FOR_REQUESTS.where(
        G2PRegisterScoreDefinition.register_id == bindparam("register_id"), G2PRegisterScoreDefinition.is_enabled
    )
    # every approval locks a record's requests in this order: no deadlocks
    .order_by(G2PRegisterScoreDefinition.score_type)
)


async def request_scores(session: Session, change: ApprovedChange, leave_out: Collection[str] = ()) -> list[str]:
    """Ask for every score that the change touches; call it in the approval's transaction, after the record's update.

    Adds two statements at most. When the caller commits, the relay hears of it; when it rolls back, nothing happened.
    A score type that is waiting already gets the newer snapshot. Who approves changes of several records in one
    transaction does so in the order of their ids, as everything else that locks requests does. Score types to
    `leave_out` are not asked for.

    Returns:
        The score types asked for.

    Raises:
        InvalidInput: the payload or a contributing value cannot be stored or is ambiguous.
    """
    return (await request_scores_of_records(session, [change], leave_out))[0]


async def request_scores_of_records(
    session: Session, changes: Sequence[ApprovedChange], leave_out: Collection[str] = ()
) -> list[list[str]]:
    """The same for several records of one register, changed in one transaction: two statements at most for all.

    Returns:
        The score types asked for, for each change.
    """
    if not changes or changes[0].register_purpose != SCORED_PURPOSE:
        return [[] for _ in changes]
    definitions = (await session.execute(_ENABLED, {"register_id": changes[0].register_id})).all()
    wanted = [definition for definition in definitions if definition.score_type not in leave_out]
    touched = [_touched(change, wanted) for change in changes]
    rows = [_request_row(change, one) for change, some in zip(changes, touched, strict=True) for one in some]
    if rows:
        await _save_requests(session, rows)
    return [[definition.score_type for definition in some] for some in touched]


def _touched(change: ApprovedChange, definitions: Sequence[Row[Any]]) -> list[Row[Any]]:
    changed = list(flatten(change.change_payload))
    return [definition for definition in definitions if touches(changed, definition.contributing_attributes)]


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
        "submission_id": change.submission_id,
        "contributing_attribute_values": values,
        "definition_version": definition.version,
        "score_config": definition.score_config,
        "debounce": definition.debounce,
        "priority": change.priority.value,
        "fairness_key": change.fairness_key,
    }


_SAVE_REQUESTS = text(
    upsert_requests()
    + "SELECT pg_notify(:channel, register_id), pg_notify(:events_channel, internal_record_id)"
    + " FROM requested GROUP BY register_id, internal_record_id"
).bindparams(bindparam("rows", type_=JSONB))


async def _save_requests(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    channels = {"channel": SCORES_REQUESTED_CHANNEL, "events_channel": SCORE_EVENTS_CHANNEL}
    parameters = {"rows": list(rows), "reason": RequestReason.APPROVAL.value}
    await session.execute(_SAVE_REQUESTS, parameters | channels)
