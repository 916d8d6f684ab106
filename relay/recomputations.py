"""Recomputations' runs: started, started again where they were lost, and told that their row has changed."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from relay.signals import RPC_TIMEOUT, Answer, answered
from scoring.names import TASK_QUEUE, recompute_workflow_id
from scoring.recompute_messages import RegisterRecomputation
from store.database import Session
from store.recomputation_claims import ClaimedRecomputation, put_off_recomputations
from workflows.policies import bulk_priority
from workflows.recompute_register import RecomputeRegisterWorkflow

logger = logging.getLogger(__name__)


async def wake_recomputations(client: Client, claimed: Sequence[ClaimedRecomputation]) -> list[Answer]:
    """Start the run of each where none is open; one that is open looks at its row."""
    return list(await asyncio.gather(*(_wake(client, one) for one in claimed)))


async def _wake(client: Client, recomputation: ClaimedRecomputation) -> Answer:
    register_id, score_type = recomputation.register_id, recomputation.score_type
    return await answered(
        client.start_workflow(
            RecomputeRegisterWorkflow.run,
            RegisterRecomputation(register_id, score_type),
            id=recompute_workflow_id(register_id, score_type),
            # of single records, though batches do the work: a step mostly waits, and batches have few slots
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            # a paused one that is only looked after again and again stays asleep
            start_signal=None if recomputation.is_paused else "look_again",
            static_summary=f"{score_type} of all records",
            priority=bulk_priority(register_id),
            rpc_timeout=RPC_TIMEOUT,
        )
    )


async def settle_recomputations(
    session: Session,
    claimed: Sequence[ClaimedRecomputation],
    answers: Sequence[Answer],
    delays: tuple[timedelta, timedelta],
) -> None:
    """Look after these again: those that Temporal took after the first of the delays, the others after the second."""
    accepted = [one for one, answer in zip(claimed, answers, strict=True) if answer is Answer.ACCEPTED]
    later = [one for one in claimed if one not in accepted]
    await put_off_recomputations(session, accepted, delays[0])
    if later:
        logger.warning("Temporal did not take the start of %d recomputations; started again later", len(later))
        await put_off_recomputations(session, later, delays[1], even_if_ended=True)
