"""Persisting what a run computed, and giving back what it will not compute."""

from datetime import timedelta

from temporalio import activity

from activities.failures import failures_for_temporal
from scoring.messages import ScoreOutcomes, ScoresGivenBack
from store.database import SessionFactory
from store.outbox import RecordRequests, give_back
from store.scores import save_outcomes


class PersistActivities:
    """Writes scores; each method is one transaction."""

    def __init__(self, sessions: SessionFactory, give_back_delay: timedelta) -> None:
        self._sessions = sessions
        self._give_back_delay = give_back_delay

    @activity.defn(name="persist_scores")
    async def persist_scores(self, outcomes: ScoreOutcomes) -> None:
        """Afterwards scores, history and settled requests are stored; unique keys make a repeat harmless."""
        with failures_for_temporal("the scores could not be stored"):
            async with self._sessions.begin() as session:
                await save_outcomes(session, outcomes)

    @activity.defn(name="give_back_requests")
    async def give_back_requests(self, given_back: ScoresGivenBack) -> None:
        """Afterwards requests that are not settled or newer are pending again; only the latest sequence is touched."""
        with failures_for_temporal("the requests could not be given back"):
            async with self._sessions.begin() as session:
                record = RecordRequests("", given_back.internal_record_id, given_back.requests)
                await give_back(session, [record], self._give_back_delay)
