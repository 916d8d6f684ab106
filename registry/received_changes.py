"""Changes that another registry approved: each is received once, in whatever order they arrive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from registry.received_attributes import as_payload, changed_paths, read_declared, touched_paths
from registry.registers import get_record, get_register
from registry.tables import ReceivedChange, ReceivedKind, Record, Register
from scoring.errors import ChangeRequestExists, Conflict, NotTheSender
from scoring.json_values import JsonObject, JsonValue
from store.audit import Actor, append_audit
from store.database import Session
from store.requests import ApprovedChange, request_scores
from store.tables import G2PScoreComputeQueue, RequestReason


@dataclass(frozen=True)
class ChangeElsewhere:
    """An approval in another registry.

    `items` are what it changes, each with the record's attributes or, where there is a `section`, with those that lie
    there; `record_attributes` are the record's after it. `source_sequence` rises in the order in which the changes of
    a record were committed there.
    """

    register_id: str
    kind: ReceivedKind
    change_id: str
    internal_record_id: str
    source_sequence: int
    items: Sequence[Mapping[str, JsonValue]]
    record_attributes: Mapping[str, JsonValue]
    section: str | None = None


@dataclass(frozen=True)
class Receipt:
    """What became of it; `is_latest` where no later change of the record has arrived."""

    is_latest: bool
    requested_score_types: list[str]
    ignored_attributes: list[str]
    duplicate: bool = False


async def receive_change(session: Session, change: ChangeElsewhere, sender: Actor) -> Receipt:
    """Take over the record's attributes and ask for the scores that the change touches; all of it or nothing.

    A repeated change does nothing. A late one leaves the attributes alone, which are newer, and asks for the scores
    that it touches, unless a later change has asked for them.

    Raises:
        RegisterNotFound: there is no such register.
        NotTheSender: somebody else feeds it, or nobody.
        InvalidInput: the attributes do not fit the register.
        Conflict: the id or the record is another's.
    """
    register = await _get_register_fed_by(session, change.register_id, sender)
    touched = touched_paths(change.items, register.attributes, change.section)
    declared = read_declared(change.record_attributes, register.attributes)
    record = await _lock_record(session, change)
    if not await _note(session, change):
        known = await _get_known(session, change)
        return Receipt(known.source_sequence >= (record.source_sequence or 0), [], declared.ignored, duplicate=True)
    if change.source_sequence > (record.source_sequence or 0):
        # also what changes that never arrived have changed: scores stay those of the attributes that are stored
        touched |= changed_paths(record.attributes, declared.attributes)
        await _take_over(session, record, change, declared.attributes)
    is_latest = change.source_sequence >= (record.source_sequence or 0)
    approved = _approved_change(register, record, change, as_payload(touched))
    leave_out = set() if is_latest else await _asked_by_later_ones(session, change)
    requested = await request_scores(session, approved, leave_out)
    await _audit(session, sender, change, is_latest=is_latest)
    return Receipt(is_latest, requested, declared.ignored)


async def _get_register_fed_by(session: Session, register_id: str, sender: Actor) -> Register:
    register = await get_register(session, register_id)
    if register.hook_sender != sender.name:
        raise NotTheSender(
            f"register {register_id} takes no hooks from {sender.name}, whose secret signed this; a register takes "
            "them from the one sender that it was created with as its hook_sender",
            field="register_id",
        )
    return register


async def _lock_record(session: Session, change: ChangeElsewhere) -> Record:
    # without a row there is nothing to lock: of two first changes of a record, one makes it and the other waits
    unknown = {"internal_record_id": change.internal_record_id, "register_id": change.register_id}
    await session.execute(insert(Record).values(**unknown, attributes={}, version=0).on_conflict_do_nothing())
    record = await get_record(session, change.internal_record_id, for_update=True)
    if record.register_id != change.register_id:
        raise Conflict(
            f"record {change.internal_record_id} belongs to another register; an id is one record, in all registers",
            field="internal_record_id",
        )
    return record


async def _note(session: Session, change: ChangeElsewhere) -> bool:
    noted = (
        insert(ReceivedChange)
        .values(
            register_id=change.register_id,
            kind=change.kind.value,
            change_id=change.change_id,
            internal_record_id=change.internal_record_id,
            source_sequence=change.source_sequence,
        )
        .on_conflict_do_nothing()
        .returning(ReceivedChange.change_id)
    )
    return await session.scalar(noted) is not None


async def _get_known(session: Session, change: ChangeElsewhere) -> ReceivedChange:
    key = (change.register_id, change.kind.value, change.change_id, change.internal_record_id)
    known = await session.get(ReceivedChange, key)
    if known is None:
        raise ChangeRequestExists(
            f"change request {change.change_id} was received for another record", field="change_request_id"
        )
    return known


async def _take_over(session: Session, record: Record, change: ChangeElsewhere, attributes: JsonObject) -> None:
    record.attributes = attributes
    record.version += 1
    record.source_sequence = change.source_sequence
    record.updated_at = func.now()
    await session.flush()


async def _asked_by_later_ones(session: Session, change: ChangeElsewhere) -> set[str]:
    """The record's score types whose request names what is later: it goes on naming that one.

    That is a change that came later over there, or a recomputation, which took over from whatever change.
    """
    queue, received = G2PScoreComputeQueue, ReceivedChange
    submission, change_request = ReceivedKind.SUBMISSION.value, ReceivedKind.CHANGE_REQUEST.value
    of_submission = queue.submission_id != ""
    named = (
        received.register_id == queue.register_id,
        received.kind == case((of_submission, submission), else_=change_request),
        received.change_id == case((of_submission, queue.submission_id), else_=queue.change_request_id),
        received.internal_record_id == queue.internal_record_id,
    )
    statement = (
        select(queue.score_type)
        .outerjoin(received, and_(*named))
        .where(queue.internal_record_id == change.internal_record_id)
        .where(
            or_(
                received.source_sequence > change.source_sequence,
                # its attributes hold the late change: had a later one changed them since, that one would have asked
                queue.reason == RequestReason.RECOMPUTE.value,
            )
        )
    )
    return set(await session.scalars(statement))


def _approved_change(
    register: Register, record: Record, change: ChangeElsewhere, payload: JsonObject
) -> ApprovedChange:
    is_submission = change.kind is ReceivedKind.SUBMISSION
    return ApprovedChange(
        register_id=register.register_id,
        register_purpose=register.register_purpose,
        internal_record_id=record.internal_record_id,
        change_request_id="" if is_submission else change.change_id,
        submission_id=change.change_id if is_submission else "",
        change_payload=payload,
        record_attributes=record.attributes,
    )


async def _audit(session: Session, sender: Actor, change: ChangeElsewhere, *, is_latest: bool) -> None:
    is_submission = change.kind is ReceivedKind.SUBMISSION
    details = {
        "register_id": change.register_id,
        "internal_record_id": change.internal_record_id,
        "source_sequence": change.source_sequence,
        "is_latest": is_latest,
    }
    action = "receive_submission" if is_submission else "receive_change_request"
    await append_audit(session, sender, action, change.change_id, details)
