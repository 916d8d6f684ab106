"""Every fault once, in short, on one stand: nothing lost, wrong or double. `make faults` has the long runs."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from faults.catalogue import FAULTS
from faults.scene import SETTINGS, SHORT
from faults.stand import Stand
from faults.temporal_build import find_temporal_server
from faults.trial import try_fault, try_faults

HOME = Path(__file__).resolve().parents[2] / ".steadyscore"
MIXED = 3


@pytest.fixture(scope="module")
async def stand() -> AsyncIterator[Stand]:
    """One for all of them: each leaves it empty and whole."""
    async with Stand(find_temporal_server(HOME, print), **SETTINGS) as stand:
        yield stand


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", FAULTS)
async def test_under_a_fault_nothing_is_lost_wrong_or_double(stand: Stand, temporal_cli: Path, name: str) -> None:
    trial = await try_fault(stand, temporal_cli, FAULTS[name], SHORT, seed=1)

    assert trial.is_clean, trial.told()


@pytest.mark.timeout(600)
async def test_under_faults_at_random_nothing_is_lost_wrong_or_double(stand: Stand, temporal_cli: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    mixable = [fault for fault in FAULTS.values() if fault.may_strike_with_others]
    chosen = random.Random(seed).sample(mixable, MIXED)  # noqa: S311 - data for a test, not a secret

    trial = await try_faults(stand, temporal_cli, chosen, SHORT, seed)

    assert trial.is_clean, trial.told()
