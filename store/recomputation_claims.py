"""What a relay does about recomputations: it claims those whose run is to be started or woken, and puts them off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from scoring.recompute_messages import RecomputationStatus
from store.database import Session
from store.recomputation_table import IS_ACTIVE

# A claim is the time that was written: whoever asks for something meanwhile writes another one, and is not put off.
_CLAIM = text("""
UPDATE g2p_score_recomputations SET start_after = now() + :lease WHERE start_after <= now()
RETURNING recomputation_id, register_id, score_type, status, start_after
""")

_PUT_OFF = text(f"""
UPDATE g2p_score_recomputations AS recomputation SET
    start_after = CASE WHEN :even_if_ended OR {IS_ACTIVE} THEN now() + :delay END
FROM unnest(cast(:ids AS text[]), cast(:claims AS timestamptz[])) AS claimed(id, start_after)
WHERE recomputation_id = claimed.id AND recomputation.start_after = claimed.start_after
""")


@dataclass(frozen=True)
class ClaimedRecomputation:
    """One whose run is to be started, or to look at its row; `is_paused` when its run has nothing to do."""

    recomputation_id: str
    register_id: str
    score_type: str
    is_paused: bool
    claim: datetime


async def claim_recomputations(session: Session, lease: timedelta) -> list[ClaimedRecomputation]:
    """Those whose run is to be started or told to look, left to the caller for the time of the lease."""
    rows = await session.execute(_CLAIM, {"lease": lease})
    return [
        ClaimedRecomputation(recomputation_id, register_id, score_type, status == RecomputationStatus.PAUSED, claim)
        for recomputation_id, register_id, score_type, status, claim in rows
    ]


async def put_off_recomputations(
    session: Session, claimed: Sequence[ClaimedRecomputation], delay: timedelta, *, even_if_ended: bool = False
) -> None:
    """Leave these alone for `delay` from now, those that have ended for ever; not what was changed after the claim."""
    parameters = {
        "ids": [one.recomputation_id for one in claimed],
        "claims": [one.claim for one in claimed],
        "delay": delay,
        "even_if_ended": even_if_ended,
    }
    await session.execute(_PUT_OFF, parameters)
