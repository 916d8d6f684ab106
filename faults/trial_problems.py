"""What is wrong with a trial although no score is: nothing was judged, an API answered 5xx, a process did not go on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from faults.load import Load
from faults.scene import Fault, Scale

_LEAST_SHARE = 1 / 4
"""Of the approvals that the rate promises: outages cost some."""


@dataclass(frozen=True)
class Seen:
    """What was counted: the watcher's looks, processes started again, and the scores that came by each road."""

    looks: int
    restarts: int
    by_record: int
    by_batch: int


def problems_of(load: Load, scale: Scale, faults: Sequence[Fault], seen: Seen) -> list[str]:
    """What must not be under these faults; of several, what one of them allows is allowed."""
    return [
        *_too_little_was_judged(load, scale, seen),
        *_bad_answers(load.failed_attempts, may_answer_5xx=any(fault.may_answer_5xx for fault in faults)),
        *_did_not_go_on(seen, kills=any(fault.kills for fault in faults)),
        *_roads_not_used(seen, both=any(fault.uses_both_roads for fault in faults)),
    ]


def _too_little_was_judged(load: Load, scale: Scale, seen: Seen) -> Iterator[str]:
    records = len(load.plan.records)
    if len(load.record_ids) < records:
        yield f"{len(load.record_ids)} of {records} records were created"
    changes, least = len(load.acknowledged) - len(load.record_ids), scale.rate * scale.seconds * _LEAST_SHARE
    if changes < least:
        yield f"{changes} changes were approved, {least:g} would be few"
    if load.builder_tokens and load.builders.events < len(load.builder_tokens):
        yield f"{load.builders.events} events of builders, fewer than there are builders"
    if not seen.looks:
        yield "nobody looked at the scores meanwhile"


def _bad_answers(failed: Mapping[int | None, int], *, may_answer_5xx: bool) -> Iterator[str]:
    for status, count in failed.items():
        # no answer at all is no problem: a slow machine takes its time
        if status == HTTPStatus.INTERNAL_SERVER_ERROR or (status is not None and not may_answer_5xx):
            yield f"{count} x {status} from an API"


def _did_not_go_on(seen: Seen, *, kills: bool) -> Iterator[str]:
    if seen.restarts and not kills:
        yield f"{seen.restarts} processes ended instead of going on by themselves"


def _roads_not_used(seen: Seen, *, both: bool) -> Iterator[str]:
    if both and not (seen.by_record and seen.by_batch):
        yield f"{seen.by_record} scores by the record road, {seen.by_batch} by the batch road"
