"""Persisting what a run computed, and giving back what it will not compute."""

from datetime import timedelta

from temporalio import activity

from activities.failures import failures_for_temporal
from scoring.messages import ScoreOutcomes, ScoresGivenBack
from store.database import SessionFactory
from store.outbox import RecordRequests, give_back
from store.scores import save_outcomes
from store.write_backs import WriteBacks, written_back


class PersistActivities:
    """Writes scores; each method is one transaction."""

    def __init__(self, sessions: SessionFactory, give_back_delay: timedelta, write_backs: WriteBacks) -> None:
        self._sessions = sessions
        self._give_back_delay = give_back_delay
        self._write_backs = write_backs

    @activity.defn(name="persist_scores")
    async def persist_scores(self, outcomes: ScoreOutcomes) -> None:
        """Afterwards scores, history, settled requests and copies are stored; unique keys make a repeat harmless."""
        write_back = self._write_backs.get(outcomes.register_id) if outcomes.computed else None
        with failures_for_temporal("the scores could not be stored"):
            records = [outcomes.internal_record_id]
            async with self._sessions.begin() as session, written_back(session, write_back, records):
                await save_outcomes(session, outcomes)

    @activity.defn(name="give_back_requests")
    async def give_back_requests(self, given_back: ScoresGivenBack) -> None:
        """Afterwards requests that are not settled or newer are pending again; only the latest sequence is touched."""
        with failures_for_temporal("the requests could not be given back"):
            async with self._sessions.begin() as session:
                record = RecordRequests("", given_back.internal_record_id, given_back.requests)
                await give_back(session, [record], self._give_back_delay)
