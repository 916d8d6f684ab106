"""What the audit log keeps of recomputations: who started, paused, resumed or cancelled one."""

from collections.abc import Iterable, Mapping

from scoring.recompute_messages import RecomputationStatus
from store.audit import Actor, append_audit
from store.database import Session
from store.recomputation_requests import AskedRecomputation
from store.recomputations import Recomputation

_ACTIONS: Mapping[RecomputationStatus, str] = {
    RecomputationStatus.PAUSED: "pause_recomputation",
    RecomputationStatus.RUNNING: "resume_recomputation",
    RecomputationStatus.CANCELLED: "cancel_recomputation",
}


async def audit_started(session: Session, actor: Actor, asked: Iterable[AskedRecomputation]) -> None:
    """An entry for each that was asked for, also where it joined what was under way."""
    for one in asked:
        details = {"register_id": one.register_id, "score_type": one.score_type, "joined": one.joined}
        await append_audit(session, actor, "start_recomputation", one.recomputation_id, details)


async def audit_controlled(
    session: Session, actor: Actor, recomputation: Recomputation, status: RecomputationStatus
) -> None:
    """An entry for what somebody wanted it to be; `status` is one of those that people may ask for."""
    details = {"register_id": recomputation.register_id, "score_type": recomputation.score_type}
    await append_audit(session, actor, _ACTIONS[status], recomputation.progress.recomputation_id, details)
