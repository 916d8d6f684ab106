"""ScoreRecordWorkflow: wait out a burst of approvals, compute what is due, persist it."""

import asyncio
from contextlib import suppress
from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.exceptions import FailureError

with workflow.unsafe.imports_passed_through():
    from activities.persist import PersistActivities
    from scoring.messages import (
        ComputedScore,
        FailedScore,
        PendingScore,
        RecordScoring,
        ScoreOutcomes,
        ScoreRequest,
        ScoresGivenBack,
        in_messages,
        read_signal,
    )
    from scoring.pending import PendingScores
    from workflows.attempts import Attempts, Outcome
    from workflows.policies import OF_CURRENT_VERSION, WRITE_RETRIES, WRITE_TIMEOUT, priority_of

MAX_SIGNALS = 2_000
"""A run takes no more: the server's suggestion to continue as new does not see signals, its limit is 10,000."""


@workflow.defn(name="ScoreRecordWorkflow")
class ScoreRecordWorkflow:
    """One record's burst: every request that was signaled is computed, superseded by a newer one, or given back.

    A repeated, late or reordered signal changes nothing: the highest sequence of a score type wins.
    """

    @workflow.init
    def __init__(self, record: RecordScoring) -> None:
        self._record = record
        self._pending = PendingScores(record.pending, record.taken, record.taken_at)
        self._attempts = Attempts(record)
        self._in_hand: list[ScoreRequest] = []
        self._signals = 0

    @workflow.signal(name="scores_requested")
    def scores_requested(self, *messages: Any) -> None:
        """Take in the latest requests of this record; what does not read as one is left out.

        Any number of arguments, as anyone can send any number: a handler that cannot be called wedges the run.
        """
        self._signals += 1
        requests = [request for message in messages for request in read_signal(message)]
        for request in requests:
            self._pending.add(request, workflow.now())
        if not requests:
            workflow.logger.warning("a signal without a readable score request was left out")

    @workflow.run
    async def run(self, record: RecordScoring) -> None:
        """Go on until nothing is pending; no await lies between that look and the end."""
        del record
        try:
            while self._pending or self._attempts:
                await self._until_something_is_due()
                if self._is_full():
                    workflow.continue_as_new(self._carried_over(), initial_versioning_behavior=OF_CURRENT_VERSION)
                await self._score_what_is_due()
        except (asyncio.CancelledError, FailureError):
            await self._give_back()
            raise

    async def _until_something_is_due(self) -> None:
        """Signals move the deadline, not the timer: it is looked at again when the timer fires."""
        while not (self._is_full() or self._attempts.ended()):
            due_at = self._pending.next_due_at()
            if due_at is None:
                await workflow.wait_condition(lambda: bool(self._pending) or self._attempts.ended() or self._is_full())
            elif due_at <= workflow.now():
                return
            else:
                await self._sleep_until(due_at)

    async def _sleep_until(self, due_at: datetime) -> None:
        with suppress(asyncio.TimeoutError):
            await workflow.wait_condition(
                lambda: self._is_full() or self._attempts.ended() or self._is_due_before(due_at),
                timeout=due_at - workflow.now(),
                timeout_summary="debounce",
            )

    def _is_due_before(self, awaited: datetime) -> bool:
        """Whether a score type with a shorter window has come in: only then the timer is started anew."""
        due_at = self._pending.next_due_at()
        return due_at is not None and due_at < awaited

    async def _score_what_is_due(self) -> None:
        ended = self._attempts.take_ended()
        self._in_hand = [outcome.request for outcome in ended]
        await self._persist(ended)
        self._in_hand = self._pending.take_due(workflow.now())
        await self._persist(await self._attempts.first(self._in_hand))
        self._in_hand = []

    async def _persist(self, outcomes: list[Outcome]) -> None:
        for group in in_messages(outcomes, lambda outcome: outcome.request):
            await self._persist_group(group)

    async def _persist_group(self, outcomes: list[Outcome]) -> None:
        computed = [outcome for outcome in outcomes if isinstance(outcome, ComputedScore)]
        failed = [outcome for outcome in outcomes if isinstance(outcome, FailedScore)]
        await workflow.execute_activity_method(
            PersistActivities.persist_scores,
            ScoreOutcomes(self._record.register_id, self._record.internal_record_id, computed=computed, failed=failed),
            start_to_close_timeout=WRITE_TIMEOUT,
            retry_policy=WRITE_RETRIES,
            priority=priority_of([outcome.request for outcome in outcomes]),
        )
        self._pending.stored([outcome.request.score_type for outcome in computed], workflow.now())
        self._pending.failed(outcome.request.score_type for outcome in failed)

    def _is_full(self) -> bool:
        return self._signals >= MAX_SIGNALS or workflow.info().is_continue_as_new_suggested()

    def _carried_over(self) -> RecordScoring:
        now = workflow.now()
        waiting = {score.request.score_type: score for score in self._pending.waiting}
        for request in self._attempts.retried:
            waiting.setdefault(request.score_type, PendingScore(request, now, now))
        record = self._record
        return RecordScoring(
            record.register_id,
            record.internal_record_id,
            record.compute_policy,
            pending=[waiting[score_type] for score_type in sorted(waiting)],
            taken=self._pending.taken,
            taken_at=self._pending.taken_at,
        )

    async def _give_back(self) -> None:
        """Leave nothing behind: what this run will not compute is pending in the database again."""
        unsettled = self._in_hand + self._attempts.retried
        while unsettled or self._pending:
            requests = unsettled + self._pending.take_all()
            unsettled = []
            await workflow.execute_activity_method(
                PersistActivities.give_back_requests,
                ScoresGivenBack(self._record.internal_record_id, requests),
                start_to_close_timeout=WRITE_TIMEOUT,
                retry_policy=WRITE_RETRIES,
            )
