"""One record's requests as one signal-with-start, a batch as one start, and what Temporal's answer means for them."""

import logging
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, auto

from temporalio.client import Client, RPCError, RPCStatusCode
from temporalio.common import WorkflowIDConflictPolicy

from scoring.batch_messages import BatchGroup, BatchScoring
from scoring.compute import is_instantaneous
from scoring.messages import (
    MAX_REQUEST_BYTES,
    ComputePolicy,
    RecordScoring,
    ScoreRequest,
    ScoresRequested,
    in_messages,
    size_of,
)
from scoring.names import BATCH_TASK_QUEUE, TASK_QUEUE, score_batch_workflow_id, score_record_workflow_id
from scoring.weighted_attributes import FROZEN_WEIGHTS
from store.batches import Batch
from store.outbox import RecordRequests
from workflows.policies import MAX_SUMMARY, bulk_priority, priority_of
from workflows.score_batch import ScoreBatchWorkflow
from workflows.score_record import ScoreRecordWorkflow

logger = logging.getLogger(__name__)

RPC_TIMEOUT = timedelta(seconds=5)

TEMPORARY = frozenset(
    {
        # also "too many starts" of one workflow id within a second, and a busy workflow
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.ABORTED,
        RPCStatusCode.CANCELLED,
    }
)


class Answer(Enum):
    """What Temporal said to a signal."""

    ACCEPTED = auto()
    LATER = auto()
    REFUSED = auto()
    """This message will never be accepted, whenever it is sent."""


@dataclass(frozen=True)
class SignalSender:
    """Signals records to Temporal; the compute policy goes with the start of a run.

    `locally`: instantaneous services run as local activities.
    """

    client: Client
    compute_policy: ComputePolicy
    locally: bool = True

    async def send(self, record: RecordRequests) -> list[tuple[RecordRequests, Answer]]:
        """Signal the record's run, starting one where none is open; one signal, unless it would be too large."""
        fitting = [self._with_mode(request) for request in record.requests if size_of(request) <= MAX_REQUEST_BYTES]
        too_large = [request for request in record.requests if size_of(request) > MAX_REQUEST_BYTES]
        parts = [replace(record, requests=part) for part in in_messages(fitting, lambda request: request)]
        answers = await self._signal_in_turn(parts)
        if too_large:
            answers.append((replace(record, requests=too_large), Answer.REFUSED))
        return answers

    async def _signal_in_turn(self, parts: list[RecordRequests]) -> list[tuple[RecordRequests, Answer]]:
        answers: list[tuple[RecordRequests, Answer]] = []
        for part in parts:
            # only the first one starts a run anew, and the others are for that run
            is_first = not answers
            is_awaited = part.restart and not is_first and answers[0][1] is not Answer.ACCEPTED
            answers.append(
                (part, Answer.LATER if is_awaited else await self._signal(part, anew=part.restart and is_first))
            )
        return answers

    def _with_mode(self, request: ScoreRequest) -> ScoreRequest:
        is_weighted = bool(request.score_config.get(FROZEN_WEIGHTS))
        is_arithmetic = is_instantaneous(request.score_type, is_weighted=is_weighted)
        return replace(request, instantaneous=self.locally and is_arithmetic)

    def _groups(self, score_types: list[str]) -> list[BatchGroup]:
        """Arithmetic together, as it cannot hold up each other; everything else for itself.

        So is a score type that the weighted sum serves: that its requests are weighted stands in their rows alone.
        """
        together = [score_type for score_type in score_types if is_instantaneous(score_type)]
        apart = [BatchGroup([score_type]) for score_type in score_types if score_type not in together]
        return [BatchGroup(together, self.locally), *apart] if together else apart

    async def start(self, batch: Batch) -> Answer:
        """Start the batch's run; one that is open already goes on as it is, unless it is of no use."""
        scoring = BatchScoring(batch.batch_id, batch.register_id, self._groups(batch.score_types), self.compute_policy)
        return await answered(
            self.client.start_workflow(
                ScoreBatchWorkflow.run,
                scoring,
                id=score_batch_workflow_id(batch.register_id, batch.batch_id),
                task_queue=BATCH_TASK_QUEUE,
                id_conflict_policy=_conflict_policy(anew=batch.restart),
                static_summary=f"{', '.join(batch.score_types)[:MAX_SUMMARY]} of a batch of records",
                priority=bulk_priority(batch.register_id),
                rpc_timeout=RPC_TIMEOUT,
            )
        )

    async def _signal(self, record: RecordRequests, *, anew: bool) -> Answer:
        return await answered(
            self.client.start_workflow(
                ScoreRecordWorkflow.run,
                RecordScoring(record.register_id, record.internal_record_id, self.compute_policy),
                id=score_record_workflow_id(record.register_id, record.internal_record_id),
                task_queue=TASK_QUEUE,
                start_signal="scores_requested",
                start_signal_args=[ScoresRequested(record.requests)],
                id_conflict_policy=_conflict_policy(anew=anew),
                static_summary=f"scores of record {record.internal_record_id}",
                # a run that is open keeps that of its start
                priority=priority_of(record.requests),
                rpc_timeout=RPC_TIMEOUT,
            )
        )


def _conflict_policy(*, anew: bool) -> WorkflowIDConflictPolicy:
    """A run that has stored nothing for so long is of no use: all that it knows stands in PostgreSQL, too."""
    return WorkflowIDConflictPolicy.TERMINATE_EXISTING if anew else WorkflowIDConflictPolicy.USE_EXISTING


async def answered(call: Awaitable[object]) -> Answer:
    """What Temporal says to the call."""
    try:
        await call
    except RPCError as error:
        return _answer_to(error)
    except RuntimeError:
        # what a client that is not connected yet raises where nobody answers
        return Answer.LATER
    return Answer.ACCEPTED


def _answer_to(error: RPCError) -> Answer:
    if error.status is RPCStatusCode.INVALID_ARGUMENT:
        return Answer.REFUSED
    if error.status not in TEMPORARY:
        logger.error("Temporal answered a signal with %s; it is sent again later", error.status.name)
    return Answer.LATER
