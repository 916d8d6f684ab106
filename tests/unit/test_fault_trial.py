"""What makes a trial unclean although no score is wrong, and the points at which an approval's process dies."""

from collections import Counter
from dataclasses import replace
from typing import cast

import pytest
from sqlalchemy import Engine, create_engine, text

from faults.catalogue import FAULTS
from faults.crashes import CrashPoint, crash_within_approvals
from faults.latency import Latency
from faults.load import Acknowledged, Load, LoadOptions
from faults.load_plan import LoadSize
from faults.oracle import COLUMNS, Kind
from faults.scene import SHORT, Fault
from faults.trial_problems import Seen, problems_of

SCALE = replace(SHORT, rate=2, seconds=10)
"""Five approvals are enough."""
WELL = Seen(looks=1, restarts=0, by_record=1, by_batch=1)
NONE = FAULTS["none"]


@pytest.mark.parametrize("kind", Kind, ids=str)
def test_every_kind_of_finding_is_in_exactly_one_column(kind: Kind) -> None:
    assert sum(kind in column for column in COLUMNS) == 1


def a_load(changes: int = 5, created: int = 3, **failed: int) -> Load:
    """Of three records, as many of which were created, with so many approved changes."""
    load = Load([], LoadOptions(size=LoadSize(records=3, calm_records=0, hot_records=1, approvals=10)))
    load.record_ids = {("busy", number): str(number) for number in range(created)}
    load.acknowledged = [Acknowledged("", "", "", {}, 0.0)] * (created + changes)
    counted = Counter({None if name == "silent" else int(name.removeprefix("s")): n for name, n in failed.items()})
    cast("Counter[int | None]", load.failed_attempts).update(counted)
    return load


def test_a_trial_in_which_all_went_well_has_no_problem() -> None:
    assert problems_of(a_load(silent=3), SCALE, [NONE], WELL) == []


@pytest.mark.parametrize(
    ("load", "seen", "problem"),
    [
        pytest.param(a_load(changes=4), WELL, "4 changes were approved, 5 would be few", id="few changes"),
        pytest.param(a_load(created=2), WELL, "2 of 3 records were created", id="a record is missing"),
        pytest.param(a_load(), replace(WELL, looks=0), "nobody looked at the scores meanwhile", id="no look"),
        pytest.param(a_load(s503=2), WELL, "2 x 503 from an API", id="an API that says that it cannot"),
        pytest.param(
            a_load(), replace(WELL, restarts=1), "1 processes ended instead of going on by themselves", id="an end"
        ),
        pytest.param(
            a_load(),
            replace(WELL, by_batch=0),
            "1 scores by the record road, 0 by the batch road",
            id="one road",
        ),
    ],
)
def test_a_problem_of_a_trial_is_told(load: Load, seen: Seen, problem: str) -> None:
    assert problems_of(load, SCALE, [NONE], seen) == [problem]


def test_builders_who_hardly_act_are_a_problem_of_a_trial() -> None:
    load = a_load()
    load.builder_tokens = ["one", "other"]
    load.builders.events = 1
    too_few = problems_of(load, SCALE, [NONE], WELL)

    load.builders.events = 2

    assert too_few == ["1 events of builders, fewer than there are builders"]
    assert problems_of(load, SCALE, [NONE], WELL) == []


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_no_fault_makes_an_api_fail_by_itself(fault: Fault) -> None:
    assert problems_of(a_load(s500=1), SCALE, [fault], WELL) == ["1 x 500 from an API"]


def test_of_several_faults_what_one_allows_is_allowed() -> None:
    chosen = [FAULTS["garbage"], FAULTS["everything-killed"]]

    assert problems_of(a_load(s503=1), SCALE, chosen, replace(WELL, restarts=6)) == []


def test_how_much_longer_a_score_took_is_told_without_the_window() -> None:
    assert Latency(0.9, 1.8).times(Latency(0.6, 0.8)) == pytest.approx((2, 3))


@pytest.fixture
def engine() -> Engine:
    """Of an empty database with the tables of an approval."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE change_requests (status text)"))
        connection.execute(text("CREATE TABLE g2p_score_compute_queue (sequence int)"))
    return engine


class Reached(CrashPoint):
    """Counts how often it is reached, and ends nothing."""

    times = 0

    def reached(self, name: str) -> None:
        """Count."""
        self.times += name == self.name


def a_point(engine: Engine, name: str) -> Reached:
    """A point of this engine's approvals."""
    point = Reached(name)
    crash_within_approvals(point, engine)
    return point


@pytest.mark.parametrize("name", ["within-approval", "before-commit", "after-commit"])
def test_a_point_of_an_approval_is_reached_once_by_each_approval(engine: Engine, name: str) -> None:
    point = a_point(engine, name)

    for _ in range(2):
        with engine.begin() as connection:
            connection.execute(text("UPDATE change_requests SET status = 'APPROVED'"))
            connection.execute(text("INSERT INTO g2p_score_compute_queue VALUES (1)"))

    assert point.times == 2


@pytest.mark.parametrize("name", ["before-commit", "after-commit"])
def test_what_approves_nothing_comes_to_no_commit_of_an_approval(engine: Engine, name: str) -> None:
    point = a_point(engine, name)

    with engine.connect() as connection:
        connection.execute(text("UPDATE change_requests SET status = 'APPROVED'"))
        connection.rollback()
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO g2p_score_compute_queue VALUES (1)"))

    assert point.times == 0
