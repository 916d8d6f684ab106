"""Most of the faults once, in short, on one stand: nothing lost, wrong or double. `make faults` has the long runs."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from faults.catalogue import FAULTS, a_mix
from faults.scene import SHORT
from faults.stand import Stand
from faults.temporal_build import find_temporal_server
from faults.trial import try_fault, try_faults
from system.test_fault_stand import left_of

HOME = Path(__file__).resolve().parents[2] / ".steadyscore"
MIXED = 3
SEED_OF_THE_MIX = 3
"""Always the same here; `make faults` draws another each time, and prints it."""


@pytest.fixture(scope="module")
async def stand() -> AsyncIterator[Stand]:
    """One for all of them: each leaves it empty and whole, and it leaves nothing."""
    async with Stand(find_temporal_server(HOME, print)) as stand:
        yield stand
    assert left_of(stand.home) == []
    assert not stand.home.exists()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.in_short])
async def test_under_a_fault_nothing_is_lost_wrong_or_double(stand: Stand, temporal_cli: Path, name: str) -> None:
    trial = await try_fault(stand, temporal_cli, FAULTS[name], SHORT, seed=1)

    assert trial.is_clean, trial.told()


@pytest.mark.timeout(600)
async def test_under_faults_at_random_nothing_is_lost_wrong_or_double(stand: Stand, temporal_cli: Path) -> None:
    chosen = a_mix(random.Random(SEED_OF_THE_MIX), MIXED)  # noqa: S311 - data for a test, not a secret

    trial = await try_faults(stand, temporal_cli, chosen, SHORT, SEED_OF_THE_MIX)

    assert trial.is_clean, trial.told()
