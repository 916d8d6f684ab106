"""The workloads: which approvals, how fast, and how long a contender may take to settle them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from bench.approvals import REGISTER, SINGLES_REGISTER, Approval, ApprovalSource

APPROVALS_PER_RECORD = 5
SINGLES_PER_SECOND = 2.0
# what the flood's records are thought to take at least, so that single approvals are asked for all along
_FLOOD_RECORDS_PER_SECOND = 400


@dataclass(frozen=True)
class Size:
    """What a caller may choose; None leaves the workload's own."""

    records: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Workload:
    """A sequence of approvals; latencies are told of the records of `measured_register`."""

    name: str
    what: str
    default_records: int
    make: Callable[[ApprovalSource, int], Iterator[Approval]]
    limit_seconds: float = 180
    measured_register: str = REGISTER
    rate: float | None = None
    fixed_size: bool = False

    def records(self, size: Size) -> int:
        """How many records it touches, at most."""
        if self.rate is not None:
            return self.default_records if size.seconds is None else max(1, round(self.rate * size.seconds))
        return self.default_records if size.records is None or self.fixed_size else size.records

    def approvals(self, seed: int, size: Size) -> Sequence[Approval]:
        """The approvals, the same ones for the same seed and size."""
        return list(self.make(ApprovalSource(seed), self.records(size)))


def _flood_with_singles(source: ApprovalSource, records: int) -> Iterator[Approval]:
    singles = round(SINGLES_PER_SECOND * max(10, records / _FLOOD_RECORDS_PER_SECOND))
    return chain(source.one_each(singles, SINGLES_REGISTER, SINGLES_PER_SECOND), source.one_each(records))


def _flood(name: str, records: int, *, fixed_size: bool) -> Workload:
    return Workload(
        name,
        "one approval a record, as fast as possible",
        records,
        lambda source, count: source.one_each(count),
        limit_seconds=600,
        fixed_size=fixed_size,
    )


WORKLOADS: Sequence[Workload] = (
    Workload(
        "burst-uniform",
        "5 approvals a record on average, as fast as possible",
        1_000,
        lambda source, records: source.uniform(records * APPROVALS_PER_RECORD, records),
    ),
    Workload(
        "burst-hot",
        "as many, most of them of few records",
        1_000,
        lambda source, records: source.hot(records * APPROVALS_PER_RECORD, records),
    ),
    _flood("flood", 1_000, fixed_size=False),
    _flood("flood-10000", 10_000, fixed_size=True),
    _flood("flood-100000", 100_000, fixed_size=True),
    Workload(
        "rate-5",
        "5 approvals a second on distinct records",
        300,
        lambda source, records: source.one_each(records, rate=5),
        rate=5,
    ),
    Workload(
        "rate-100",
        "100 approvals a second on distinct records",
        2_000,
        lambda source, records: source.one_each(records, rate=100),
        rate=100,
    ),
    Workload(
        "flood-with-singles",
        "a flood of one register; told are the latencies of 2 approvals a second of another",
        50_000,
        _flood_with_singles,
        limit_seconds=600,
        measured_register=SINGLES_REGISTER,
    ),
)
