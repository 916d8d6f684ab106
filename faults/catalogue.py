"""Every fault there is, by name, with the promises that must hold under it."""

import random
from collections.abc import Mapping

from faults import strikes, strikes_by_hand, versions
from faults.crashes import API_POINTS, RELAY_POINTS, WORKER_POINTS
from faults.load_definitions import PlannedDefinition, ill_definition
from faults.scene import Fault
from faults.strikes import crashing


def _ill(name: str, *definitions: PlannedDefinition) -> Fault:
    return Fault(
        f"ill-{name}",
        "I6, I7, I9; other records' latency",
        strikes.nothing_happens,
        definitions=definitions,
        may_strike_with_others=False,
    )


BLOCKING, INSTANTANEOUS = "ILL_BLOCKING_SCORE", "ILL_INSTANTANEOUS_SCORE"

_ALL = (
    Fault(
        "none",
        "the stand and the load by themselves",
        strikes.nothing_happens,
        may_strike_with_others=False,
        uses_both_roads=True,
    ),
    Fault("worker-killed", "I1, I4, I5", crashing("worker", *WORKER_POINTS), recompute=True, kills=True),
    Fault("relay-killed", "I1, I3", crashing("relay", *RELAY_POINTS), kills=True),
    Fault(
        "api-killed",
        "an approval happens wholly or not at all",
        crashing("api", *API_POINTS),
        kills=True,
        may_answer_5xx=True,
    ),
    Fault(
        "everything-killed",
        "I1, I3, I4, I5",
        strikes.kill_everything,
        recompute=True,
        in_short=False,
        kills=True,
        may_answer_5xx=True,
    ),
    Fault("temporal-down", "I2", strikes.temporal_down, recompute=True),
    Fault("temporal-killed", "I2", strikes.temporal_killed),
    Fault("temporal-wiped", "I2", strikes.temporal_wiped, recompute=True),
    Fault("runs-ended-by-hand", "I1: they come back by themselves", strikes_by_hand.ended_by_hand),
    Fault(
        "postgres-immediate",
        "I1, I5; processes reconnect by themselves",
        strikes.postgres_restarted,
        may_answer_5xx=True,
    ),
    Fault(
        "signals-twice-late-reordered",
        "I3, I4",
        strikes.nothing_happens,
        before=strikes.deliver_badly,
        after=strikes.deliver_well,
        recompute=True,
        may_strike_with_others=False,
    ),
    Fault("workers-cut-off", "I1, I5", strikes.cutting_off("worker")),
    Fault("relays-cut-off", "I1, I3", strikes.cutting_off("relay"), in_short=False),
    Fault(
        "clocks-apart",
        "order does not depend on wall clocks",
        strikes.nothing_happens,
        before=strikes.shift_clocks,
        after=strikes.set_clocks_right,
        may_answer_5xx=True,
        may_strike_with_others=False,
    ),
    _ill(
        "hangs-blocks-text",
        ill_definition("hangs"),
        ill_definition("blocks", BLOCKING, seconds=2),
        ill_definition("text", INSTANTANEOUS),
    ),
    _ill(
        "nan-raises-none",
        ill_definition("nan"),
        ill_definition("raises", BLOCKING),
        ill_definition("none", INSTANTANEOUS),
    ),
    _ill(
        "final-leaks-infinite",
        ill_definition("raises_final"),
        ill_definition("leaks", BLOCKING),
        ill_definition("infinite", INSTANTANEOUS),
    ),
    Fault("garbage", "I9", strikes_by_hand.garbage),
    Fault("signal-storm", "continue-as-new works, nothing is lost", strikes_by_hand.storm),
    Fault(
        "version-and-back",
        "every run finishes",
        versions.a_version_and_back,
        before=versions.workers_are_versioned,
        after=versions.workers_are_not_versioned,
        may_strike_with_others=False,
    ),
)

FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in _ALL}


def a_mix(numbers: random.Random, count: int) -> list[Fault]:
    """So many faults at random, of those that may come together."""
    return numbers.sample([fault for fault in FAULTS.values() if fault.may_strike_with_others], count)
