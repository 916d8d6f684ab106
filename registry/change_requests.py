"""Change requests: create, approve, reject. Approving is one transaction: record, history, score requests."""

import uuid
from dataclasses import dataclass

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert

from registry.attributes import check_change, merge
from registry.registers import get_record, get_record_of, get_register
from registry.tables import ChangeRequest, ChangeRequestStatus, Record, RecordHistory, Register
from scoring.errors import (
    ChangeRequestAlreadyDecided,
    ChangeRequestExists,
    ChangeRequestNotFound,
    ChangesComeFromElsewhere,
)
from scoring.json_values import JsonObject
from store.audit import Actor, append_audit
from store.database import Session
from store.requests import ApprovedChange, request_scores


@dataclass(frozen=True)
class NewChangeRequest:
    """A change that somebody asks for; without a record it creates one, without an id it gets one."""

    register_id: str
    change_payload: JsonObject
    internal_record_id: str | None = None
    change_request_id: str | None = None


async def create_change_request(session: Session, new: NewChangeRequest) -> ChangeRequest:
    """Store a change request that waits for its approval.

    Raises:
        RegisterNotFound, RecordNotFound: there is no such register, or no such record in it.
        InvalidInput: the payload does not fit the register.
        ChangeRequestExists: the id is taken.
        ChangesComeFromElsewhere: another registry's hooks feed the register.
    """
    register = await get_register(session, new.register_id)
    _require_fed_here(register)
    check_change(new.change_payload, register.attributes)
    if new.internal_record_id is not None:
        await get_record_of(session, register.register_id, new.internal_record_id)
    statement = (
        insert(ChangeRequest)
        .values(
            change_request_id=new.change_request_id or str(uuid.uuid4()),
            register_id=new.register_id,
            internal_record_id=new.internal_record_id,
            change_payload=new.change_payload,
        )
        .on_conflict_do_nothing(index_elements=["change_request_id"])
        .returning(ChangeRequest)
    )
    created = (await session.scalars(statement)).one_or_none()
    if created is None:
        raise ChangeRequestExists(f"change request {new.change_request_id} exists already", field="change_request_id")
    return created


def _require_fed_here(register: Register) -> None:
    if register.hook_sender is not None:
        raise ChangesComeFromElsewhere(
            f"register {register.register_id} is fed by hooks from {register.hook_sender}; its changes are asked for "
            "and approved there",
            field="register_id",
        )


async def get_change_request(session: Session, change_request_id: str) -> ChangeRequest:
    """Raise ChangeRequestNotFound when no change request has the id."""
    change_request = await session.get(ChangeRequest, change_request_id)
    if change_request is None:
        raise ChangeRequestNotFound(f"no change request has the id {change_request_id}", field="change_request_id")
    return change_request


async def approve_change_request(session: Session, actor: Actor, change_request_id: str) -> ChangeRequest:
    """Apply the change, write record history and audit log, ask for the scores that it touches; all of it or nothing.

    Raises:
        ChangeRequestNotFound, ChangeRequestAlreadyDecided, ChangesComeFromElsewhere: nothing was changed.
        InvalidInput: the register's attributes are no longer those that the payload was checked against.
    """
    change_request = await _decide(session, change_request_id, ChangeRequestStatus.APPROVED)
    register = await get_register(session, change_request.register_id)
    _require_fed_here(register)
    changes = check_change(change_request.change_payload, register.attributes)
    record = await _apply(session, change_request, changes)
    session.add(
        RecordHistory(
            internal_record_id=record.internal_record_id,
            version=record.version,
            attributes=record.attributes,
            change_request_id=change_request_id,
        )
    )
    await session.flush()
    await request_scores(session, _approved_change(change_request, register, record))
    await _audit(session, actor, "approve_change_request", change_request)
    return change_request


async def _audit(session: Session, actor: Actor, action: str, change_request: ChangeRequest) -> None:
    details = {"register_id": change_request.register_id, "internal_record_id": change_request.internal_record_id}
    await append_audit(session, actor, action, change_request.change_request_id, details)


def _approved_change(change_request: ChangeRequest, register: Register, record: Record) -> ApprovedChange:
    return ApprovedChange(
        register_id=register.register_id,
        register_purpose=register.register_purpose,
        internal_record_id=record.internal_record_id,
        change_request_id=change_request.change_request_id,
        change_payload=change_request.change_payload,
        record_attributes=record.attributes,
    )


async def _apply(session: Session, change_request: ChangeRequest, changes: JsonObject) -> Record:
    if change_request.internal_record_id is None:
        record = Record(register_id=change_request.register_id, attributes=merge({}, changes), version=1)
        session.add(record)
        await session.flush()
        change_request.internal_record_id = record.internal_record_id
        return record
    # the lock makes a second approval of this record wait, and read what this one leaves behind
    record = await get_record(session, change_request.internal_record_id, for_update=True)
    record.attributes = merge(record.attributes, changes)
    record.version += 1
    record.updated_at = func.now()
    return record


async def reject_change_request(session: Session, actor: Actor, change_request_id: str) -> ChangeRequest:
    """Close the change request and write that to the audit log; the record stays as it is.

    Raises:
        ChangeRequestNotFound, ChangeRequestAlreadyDecided: nothing was changed.
    """
    change_request = await _decide(session, change_request_id, ChangeRequestStatus.REJECTED)
    await _audit(session, actor, "reject_change_request", change_request)
    return change_request


async def _decide(session: Session, change_request_id: str, status: ChangeRequestStatus) -> ChangeRequest:
    statement = (
        update(ChangeRequest)
        .where(ChangeRequest.change_request_id == change_request_id)
        .where(ChangeRequest.status == ChangeRequestStatus.PENDING.value)
        .values(status=status.value, decided_at=func.now())
        .returning(ChangeRequest)
    )
    decided = (await session.scalars(statement)).one_or_none()
    if decided is None:
        existing = await get_change_request(session, change_request_id)
        raise ChangeRequestAlreadyDecided(f"change request {change_request_id} is {existing.status} already")
    return decided
