"""Rules about approvals: whole or not at all, never lost once acknowledged, and the record is what they made of it."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from faults.oracle_attributes import by_path, merged
from faults.oracle_findings import Finding, Findings, Kind
from faults.oracle_rows import EndState, RecordVersion, exact


class AcknowledgedApproval(Protocol):
    """What somebody was told: this change of this record is approved."""

    @property
    def register_id(self) -> str:
        """Of the register."""

    @property
    def internal_record_id(self) -> str:
        """Of the record."""

    @property
    def change_request_id(self) -> str:
        """Of the change request."""

    @property
    def payload(self) -> Mapping[str, Any]:
        """What was asked for."""


def acknowledged_approvals_are_in_the_registry(
    state: EndState, acknowledged: Iterable[AcknowledgedApproval]
) -> Findings:
    """Each is APPROVED as it was asked for, and a version of its record."""
    for one in acknowledged:
        told = (one.register_id, one.internal_record_id, "APPROVED", exact(json.dumps(one.payload)))
        row = state.change_requests.get(one.change_request_id)
        stored = row and (row.register_id, row.internal_record_id, row.status, row.change_payload)
        versions = {version.internal_record_id for version in state.versions_by_change.get(one.change_request_id, [])}
        if stored != told:
            yield Finding(Kind.APPROVAL_LOST, one.change_request_id, "APPROVED as asked for", row and row.status)
        elif one.internal_record_id not in versions:
            yield Finding(Kind.APPROVAL_LOST, one.change_request_id, "a version of the record", "none")


def approvals_are_whole_and_happened_once(state: EndState) -> Findings:
    """A change request is APPROVED if, and only if, it left one version of its record behind."""
    for change_request_id in sorted(state.change_requests.keys() | state.versions_by_change.keys()):
        row = state.change_requests.get(change_request_id)
        versions = state.versions_by_change.get(change_request_id, [])
        is_approved = row is not None and row.status == "APPROVED"
        if is_approved != bool(versions):
            yield Finding(Kind.APPROVAL_HALVED, change_request_id, "both or neither", (is_approved, len(versions)))
        if len(versions) > 1:
            yield Finding(Kind.APPROVAL_TWICE, change_request_id, "one version", len(versions))
        if row is not None and {version.internal_record_id for version in versions} - {row.internal_record_id}:
            yield Finding(Kind.APPROVAL_HALVED, change_request_id, "a version of its record", "one of another record")


def records_are_what_their_history_says(state: EndState) -> Findings:
    """Versions count from 1 without a gap, each is the one before with its change, the last one is the record."""
    for record in state.records.values():
        versions = state.versions_by_record.get(record.internal_record_id, [])
        numbers = [version.version for version in versions]
        where = record.internal_record_id
        if not numbers or numbers != list(range(1, record.version + 1)):
            yield Finding(Kind.RECORD_NOT_ITS_HISTORY, where, f"versions 1 to {record.version}", numbers)
            continue
        if record.attributes != versions[-1].attributes:
            yield Finding(Kind.RECORD_NOT_ITS_HISTORY, where, "the attributes of its last version", "others")
        yield from _changes_are_applied(state, versions)


def _changes_are_applied(state: EndState, versions: Iterable[RecordVersion]) -> Findings:
    before: Mapping[str, Any] = {}
    for version in versions:
        change = state.change_requests.get(version.change_request_id)
        after = by_path(version.attributes)
        if change is not None and after != merged(before, change.change_payload):
            where = f"{version.internal_record_id}, version {version.version}"
            yield Finding(Kind.RECORD_NOT_ITS_HISTORY, where, "the version before with its change", "something else")
        before = after
