"""Rules about score requests: each approval asked for what it touches, on the latest attributes, and all is settled."""

from collections.abc import Iterable
from datetime import datetime

from faults.oracle_attributes import touches
from faults.oracle_findings import Finding, Findings, Kind
from faults.oracle_rows import Definition, EndState, RecordVersion, Request


def approvals_asked_for_the_scores_they_touch(state: EndState) -> Findings:
    """A record's request is that of the newest approval that touches it, or of a recomputation after it.

    Judged are the approvals since a definition exists. A recomputation counts as later where it holds the latest
    attributes, which is a rule of its own.
    """
    for definition, record_id in _scored(state):
        newest = _newest_that_touches(state, definition, state.versions_by_record.get(record_id, []))
        if newest is None:
            continue
        request = state.requests.get((record_id, definition.score_type))
        where = f"{record_id}, {definition.score_type}"
        if request is None:
            yield Finding(Kind.TRIGGER_LOST, where, newest, "no request")
        elif request.change_request_id != newest and not _is_of_a_recomputation(state, request):
            yield Finding(Kind.TRIGGER_LOST, where, newest, request.change_request_id)


def _scored(state: EndState) -> Iterable[tuple[Definition, str]]:
    records: dict[str, list[str]] = {}
    for record in state.records.values():
        records.setdefault(record.register_id, []).append(record.internal_record_id)
    for definition in state.definitions:
        if definition.is_enabled:
            for record_id in records.get(definition.register_id, []):
                yield definition, record_id


def _newest_that_touches(state: EndState, definition: Definition, versions: Iterable[RecordVersion]) -> str | None:
    newest, latest = None, datetime.min.replace(tzinfo=definition.created_at.tzinfo)
    for version in versions:
        # a later version is later, whatever a clock that was put back says
        latest = max(latest, version.created_at)
        change = state.change_requests.get(version.change_request_id)
        is_since = latest >= definition.created_at
        if is_since and change is not None and touches(change.change_payload, definition.contributing_attributes):
            newest = version.change_request_id
    return newest


def _is_of_a_recomputation(state: EndState, request: Request) -> bool:
    known = state.recomputations.get(request.change_request_id)
    asked = (request.register_id, request.score_type)
    return request.reason == "RECOMPUTE" and known is not None and asked == (known.register_id, known.score_type)


def requests_hold_the_latest_attributes(state: EndState) -> Findings:
    """A request's values are the record's as last approved, and what it has computed is not ahead of what was asked."""
    for (record_id, score_type), request in state.requests.items():
        where = f"{record_id}, {score_type}"
        attributes = state.attributes_of(record_id)
        if attributes is None:
            yield Finding(Kind.REQUEST_OUTDATED, where, "a request of a record", "there is no such record")
            continue
        if request.contributing_attribute_values != state.values_for(request, attributes):
            yield Finding(Kind.REQUEST_OUTDATED, where, "the record's attributes", "others")
        if request.computed_sequence > request.sequence:
            seen = f"{request.computed_sequence} was computed"
            yield Finding(Kind.REQUEST_OUTDATED, where, f"at most {request.sequence}", seen)


def nothing_is_pending(state: EndState) -> Findings:
    """No request waits, is in a batch or holds a place on the record road, and no recomputation is open."""
    for (record_id, score_type), request in state.requests.items():
        where = f"{record_id}, {score_type}"
        if request.compute_status not in {"COMPLETED", "FAILED"}:
            yield Finding(Kind.NOT_SETTLED, where, "COMPLETED or FAILED", request.compute_status)
        elif request.on_record_road or request.batch_id is not None:
            yield Finding(Kind.NOT_SETTLED, where, "on no road", (request.on_record_road, request.batch_id))
    for one in state.recomputations.values():
        if one.status in {"REQUESTED", "RUNNING", "PAUSED"}:
            yield Finding(Kind.NOT_SETTLED, one.recomputation_id, "an end", one.status)


def recomputations_come_to_their_end(state: EndState) -> Findings:
    """Nobody cancels one, and what strikes it does not make it fail."""
    for one in state.recomputations.values():
        if one.status in {"FAILED", "CANCELLED"}:
            yield Finding(Kind.RECOMPUTATION_LOST, one.recomputation_id, "COMPLETED", one.status)


def failures_say_why(state: EndState) -> Findings:
    """What is FAILED has a code and a message; so has a recomputation a reason."""
    for (record_id, score_type), request in state.requests.items():
        reason = (request.compute_latest_error_code, request.compute_latest_error_message)
        if request.compute_status == "FAILED" and not all(part and part.strip() for part in reason):
            yield Finding(Kind.FAILED_WITHOUT_REASON, f"{record_id}, {score_type}", "a code and a message", reason)
    for one in state.recomputations.values():
        if one.status == "FAILED" and not one.reason:
            yield Finding(Kind.FAILED_WITHOUT_REASON, one.recomputation_id, "a reason", "none")
