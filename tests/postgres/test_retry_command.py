"""`steadyscore retry` on a database of its own."""

import asyncio
import getpass
import os
import subprocess
import sys

import pytest

from objects import a_failed_score, a_stored_definition
from postgres_sessions import asked_for, requests_of, set_requests
from scoring.messages import ScoreOutcomes
from store.audit import list_audit
from store.database import SessionFactory
from store.scores import save_outcomes


@pytest.fixture
async def failed(sessions: SessionFactory) -> SessionFactory:
    """Record A, whose PMT_SCORE has failed."""
    async with sessions.begin() as session:
        await a_stored_definition(session)
    request = await asked_for(sessions, "A", change_request_id="CR-00123")
    async with sessions.begin() as session:
        await save_outcomes(session, ScoreOutcomes("farmers", "A", failed=[a_failed_score(request)]))
    return sessions


async def run(database_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as a user gives it."""
    command = [sys.executable, "-m", "steadyscore", "retry", *arguments]
    environment = {**os.environ, "DATABASE_URL": database_url}
    return await asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


async def test_it_asks_again_says_for_what_and_keeps_who_asked(failed: SessionFactory, database_url: str) -> None:
    first = await run(database_url, "A")
    second = await run(database_url, "A")

    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout == "PMT_SCORE of CR-00123 had failed with ScoreInputError; it is asked for again\n"
    assert second.stdout == "nothing had failed: nothing is asked for again\n"
    assert (await requests_of(failed, "A"))["PMT_SCORE"].compute_status == "PENDING"
    async with failed() as session:
        [entry] = await list_audit(session, "A")
    assert (entry.actor, entry.source) == (getpass.getuser(), "cli")


async def test_it_names_the_submission_where_one_had_asked(failed: SessionFactory, database_url: str) -> None:
    await set_requests(failed, "A", change_request_id="", submission_id="SUB-00042")

    answer = await run(database_url, "A")

    assert answer.stdout.startswith("PMT_SCORE of SUB-00042 had failed with ScoreInputError")


async def test_a_record_without_such_a_score_is_told(failed: SessionFactory, database_url: str) -> None:
    answer = await run(database_url, "A", "--score-type", "FSF_SCORE")

    assert answer.returncode == 1
    assert answer.stderr == "steadyscore: no FSF_SCORE of this record was ever asked for\n"
    assert (await requests_of(failed, "A"))["PMT_SCORE"].compute_status == "FAILED"
