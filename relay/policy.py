"""How the relay paces itself."""

from dataclasses import dataclass, field

from store.roads import RoadLimits
from store.sweeping import SweepPolicy


@dataclass(frozen=True)
class RelayPolicy:
    """How the relay paces itself; durations in seconds.

    A record gets at most one signal a `signal_interval`, whatever the number of relays; a tick is at least
    `tick_interval` after the one before, and without a notification at most `poll_interval`. A claim that is neither
    marked nor put off ends after `lease`; a batch that is still open is started again every `batch_check_interval`,
    which only one whose run was lost feels.
    """

    signal_interval: float = 0.2
    tick_interval: float = 0.1
    poll_interval: float = 1.0
    retry_delay: float = 2.0
    lease: float = 30.0
    batch_check_interval: float = 60.0
    limits: RoadLimits = field(default_factory=RoadLimits)
    sweep: SweepPolicy = field(default_factory=SweepPolicy)
