"""The approvals of every workload, from one seed: the same sequence for every contender."""

import bisect
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

REGISTER = "bench"
SINGLES_REGISTER = "bench-singles"
WARM_UP_REGISTER = "bench-warm-up"
REGISTERS = (REGISTER, SINGLES_REGISTER, WARM_UP_REGISTER)

_ZIPF_EXPONENT = 1.1

Attributes = dict[str, Any]


@dataclass(frozen=True)
class Approval:
    """A change request at its approval; `scheduled_at` is in seconds from the start, None: as soon as possible."""

    change_request_id: str
    register_id: str
    record_id: str
    payload: Attributes
    attributes: Attributes
    """The record's, after the change."""
    scheduled_at: float | None = None


def initial_attributes(record_id: str) -> Attributes:
    """What a record holds before its first approval."""
    numbers = random.Random(record_id)  # noqa: S311 - data for a measurement, not a secret
    return {
        "income": numbers.randint(500, 20_000),
        "assets": {"land_area": numbers.randint(1, 60) / 10},
        "household": {"member_count": numbers.randint(1, 9), "meals_per_day": numbers.randint(1, 3)},
    }


class ApprovalSource:
    """Makes approvals one after the other; remembers each record's attributes as they were left."""

    def __init__(self, seed: int, prefix: str = "CR") -> None:
        self._numbers = random.Random(seed)  # noqa: S311 - data for a measurement, not a secret
        self._attributes: dict[str, Attributes] = {}
        self._ids = (f"{prefix}-{number:07}" for number in itertools.count(1))

    def uniform(self, count: int, records: int) -> Iterator[Approval]:
        """So many approvals, each of any of the records."""
        ids = record_ids(REGISTER, records)
        return (self._approve(REGISTER, self._numbers.choice(ids)) for _ in range(count))

    def hot(self, count: int, records: int) -> Iterator[Approval]:
        """So many approvals; the n-th record gets a share that falls with n (Zipf's law)."""
        ids = record_ids(REGISTER, records)
        shares = list(itertools.accumulate(1 / rank**_ZIPF_EXPONENT for rank in range(1, records + 1)))
        for _ in range(count):
            # the last share could round to less than what is drawn
            drawn = bisect.bisect(shares, self._numbers.random() * shares[-1])
            yield self._approve(REGISTER, ids[min(drawn, records - 1)])

    def one_each(self, records: int, register_id: str = REGISTER, rate: float | None = None) -> Iterator[Approval]:
        """One approval a record; `rate` of them a second, where it is given."""
        for position, record_id in enumerate(record_ids(register_id, records)):
            yield self._approve(register_id, record_id, None if rate is None else position / rate)

    def _approve(self, register_id: str, record_id: str, scheduled_at: float | None = None) -> Approval:
        before = self._attributes.get(record_id) or initial_attributes(record_id)
        payload = self._change(before)
        after = {**before, **payload}
        self._attributes[record_id] = after
        return Approval(next(self._ids), register_id, record_id, payload, after, scheduled_at)

    def _change(self, before: Attributes) -> Attributes:
        # the income feeds both scores and only rises: each state of a record has an income of its own
        payload: Attributes = {"income": before["income"] + self._numbers.randint(1, 400)}
        if self._numbers.random() < 1 / 3:
            payload["assets"] = {"land_area": self._numbers.randint(1, 60) / 10}
        return payload


def record_ids(register_id: str, count: int) -> Sequence[str]:
    """The ids of a register's records."""
    return [f"{register_id}-{number:06}" for number in range(1, count + 1)]
