"""Every fault there is, by name, with the promises that must hold under it."""

from collections.abc import Mapping

from faults import strikes, strikes_by_hand
from faults.crashes import API_POINTS, RELAY_POINTS, WORKER_POINTS
from faults.load_definitions import CALM, PlannedDefinition, ill_definition
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
    Fault("none", "the stand and the load by themselves", strikes.nothing_happens, may_strike_with_others=False),
    *(
        Fault(f"worker-{point}", "I1, I4, I5", crashing("worker", point), recompute=point == "before-persist")
        for point in WORKER_POINTS
    ),
    *(Fault(f"relay-{point}", "I1, I3", crashing("relay", point)) for point in RELAY_POINTS),
    *(
        Fault(f"api-{point}", "an approval happens wholly or not at all", crashing("api", point))
        for point in API_POINTS
    ),
    Fault("kill-everything", "I1, I3, I4, I5", strikes.kill_everything, recompute=True),
    Fault("temporal-down", "I2", strikes.temporal_down, recompute=True),
    Fault("temporal-killed", "I2", strikes.temporal_killed),
    Fault("temporal-wiped", "I2", strikes.temporal_wiped, recompute=True),
    Fault("runs-ended-by-hand", "I1: they come back by themselves", strikes_by_hand.ended_by_hand),
    Fault("postgres-immediate", "I1, I5; processes reconnect by themselves", strikes.postgres_restarted),
    Fault(
        "signals-twice-late-reordered",
        "I3, I4",
        strikes.nothing_happens,
        before=strikes.deliver_badly,
        after=strikes.deliver_well,
        recompute=True,
        may_strike_with_others=False,
    ),
    Fault("workers-cut-off", "I1, I5", strikes.workers_cut_off),
    Fault("relays-cut-off", "I1, I3", strikes.relays_cut_off),
    Fault(
        "clocks-apart",
        "order does not depend on wall clocks",
        strikes.nothing_happens,
        before=strikes.shift_clocks,
        after=strikes.set_clocks_right,
        may_strike_with_others=False,
    ),
    _ill("final", ill_definition("raises_final"), ill_definition("text", INSTANTANEOUS)),
    _ill("hangs", ill_definition("hangs"), ill_definition("hangs", INSTANTANEOUS)),
    _ill("blocks", ill_definition("blocks", BLOCKING, seconds=3), ill_definition("nan")),
    _ill("raises", ill_definition("raises"), ill_definition("none", INSTANTANEOUS), ill_definition("leaks", BLOCKING)),
    _ill("blocks-the-loop", ill_definition("blocks", seconds=0.5), ill_definition("infinite", INSTANTANEOUS)),
    Fault("garbage", "I9", strikes_by_hand.garbage),
    Fault("signal-storm", "continue-as-new works, nothing is lost", strikes_by_hand.storm),
    Fault(
        "version-and-back",
        "every run finishes",
        strikes_by_hand.a_version_and_back,
        before=strikes_by_hand.workers_are_versioned,
        after=strikes_by_hand.workers_are_not_versioned,
        may_strike_with_others=False,
    ),
)

FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in _ALL}

ILL_REGISTER = CALM
"""Where ill services compute: the latency of the other register's records is what is compared."""
