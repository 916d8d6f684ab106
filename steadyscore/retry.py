"""`steadyscore retry`: ask again for a record's failed scores; the relay hears of it as of an approval."""

import asyncio
import getpass

from scoring.errors import ScoringError
from steadyscore.errors import SetupError
from steadyscore.local_database import find_database_url
from steadyscore.settings import Settings
from store.audit import Actor
from store.database import DATABASE_ERRORS, describe_database_error, make_engine, make_sessions
from store.retries import RetriedRequest, retry_scores


def whoever_is_logged_in() -> Actor:
    """For the audit log."""
    return Actor(getpass.getuser(), "cli")


def run_retry(settings: Settings, record: str, score_type: str | None) -> list[str]:
    """Do it; a line for each score that is asked for again.

    Raises:
        SetupError: no such score was ever asked for, or the database cannot be reached.
    """
    try:
        return asyncio.run(_retry(find_database_url(settings), record, score_type, whoever_is_logged_in()))
    except ScoringError as error:
        raise SetupError(error.detail) from error
    except DATABASE_ERRORS as error:
        raise SetupError(describe_database_error(error)) from error


async def _retry(database_url: str, record: str, score_type: str | None, actor: Actor) -> list[str]:
    engine = make_engine(database_url, pool_size=1)
    try:
        async with make_sessions(engine).begin() as session:
            retried = await retry_scores(session, actor, record, score_type)
    finally:
        await engine.dispose()
    return [_line(one) for one in retried] or ["nothing had failed: nothing is asked for again"]


def _line(one: RetriedRequest) -> str:
    asked_by = one.submission_id or one.change_request_id
    return f"{one.score_type} of {asked_by} had failed with {one.error_code}; it is asked for again"
