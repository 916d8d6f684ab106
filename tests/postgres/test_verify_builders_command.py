"""`steadyscore builders verify` on a database of its own: what it prints, and its exit codes."""

import asyncio
import json
import os
import subprocess
import sys

import pytest

from builders.verification import SHOWN
from builders_world import a_builder
from postgres_sessions import set_requests
from scored_builders import ScoredBuilders, a_ring
from store.database import SessionFactory


async def run(database_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as a user gives it."""
    command = [sys.executable, "-m", "steadyscore", "builders", "verify", *arguments]
    environment = {**os.environ, "DATABASE_URL": database_url}
    return await asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
async def user_id(sessions: SessionFactory) -> str:
    """A builder whose first score is stored, and is 0."""
    async with sessions.begin() as session:
        builder = await a_builder(session, "ada")
    await ScoredBuilders(sessions).score()
    return builder.user_id


async def test_where_nothing_differs_it_says_so_and_exits_with_0(
    sessions: SessionFactory, user_id: str, database_url: str
) -> None:
    async with sessions.begin() as session:
        await a_builder(session)

    answer = await run(database_url)
    as_json = await run(database_url, "--json")

    assert user_id not in answer.stdout
    assert (answer.returncode, answer.stdout) == (0, "users: 2, right: 1, pending: 1, differing: 0\n")
    findings = {"copy": 0, "drift": 0, "missing": 0, "failed": 0, "stale": 0}
    expected = {"users": 2, "right": 1, "pending": 1, "differing": 0, "findings": findings, "shown": []}
    assert (as_json.returncode, json.loads(as_json.stdout)) == (0, expected)


async def test_what_differs_is_told_with_its_numbers_and_the_remedy_and_it_exits_with_1(
    sessions: SessionFactory, user_id: str, database_url: str
) -> None:
    await ScoredBuilders(sessions).execute("UPDATE users SET builder_score = 1234567")

    answer = await run(database_url)
    as_json = await run(database_url, "--json")

    assert answer.returncode == 1
    assert answer.stdout.splitlines() == [
        "users: 1, right: 0, pending: 0, differing: 1",
        "  1 copy: users.builder_score is not the stored score; `steadyscore recompute builders`",
        f"{user_id} copy: users.builder_score 1234567, stored 0, by the data 0; `steadyscore recompute builders`",
    ]
    assert as_json.returncode == 1
    assert json.loads(as_json.stdout)["shown"] == [
        {
            "user_id": user_id,
            "findings": ["copy"],
            "builder_score": 1234567,
            "stored_score": 0.0,
            "computed_score": 0,
            "remedies": ["steadyscore recompute builders"],
        }
    ]


async def test_a_failed_score_names_the_command_that_asks_again_for_this_user(
    sessions: SessionFactory, user_id: str, database_url: str
) -> None:
    await set_requests(sessions, user_id, compute_status="FAILED")

    answer = await run(database_url)

    assert answer.returncode == 1
    assert answer.stdout.splitlines()[1:] == [
        "  1 failed: the latest computation has failed; `steadyscore retry USER_ID`",
        f"{user_id} failed: users.builder_score 0, stored 0, by the data 0; `steadyscore retry {user_id}`",
    ]


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        pytest.param("NaN", "nan", id="no number"),
        pytest.param("-Infinity", "-inf", id="no finite number"),
        pytest.param("125.00000000000001", 125.00000000000001, id="hardly not whole"),
        pytest.param("12.5", 12.5, id="not whole"),
    ],
)
async def test_a_stored_score_that_is_no_whole_number_is_told_on_one_line_and_in_json(
    sessions: SessionFactory, user_id: str, database_url: str, stored: str, told: object
) -> None:
    await ScoredBuilders(sessions).execute(
        "UPDATE g2p_register_scores SET computed_score = :stored", stored=float(stored)
    )

    answer = await run(database_url)
    machine = await run(database_url, "--json")

    assert answer.stdout.splitlines()[3:] == [
        f"{user_id} copy, drift: users.builder_score 0, stored {told}, by the data 0; `steadyscore recompute builders`"
    ]
    [shown] = json.loads(machine.stdout, parse_constant=pytest.fail)["shown"]
    assert (shown["findings"], shown["stored_score"]) == (["copy", "drift"], told)


async def test_what_several_commands_mend_names_each(sessions: SessionFactory, user_id: str, database_url: str) -> None:
    await set_requests(sessions, user_id, compute_status="FAILED")
    await ScoredBuilders(sessions).execute("UPDATE users SET builder_score = 1")

    answer = await run(database_url)

    assert answer.stdout.splitlines()[-1] == (
        f"{user_id} copy, failed: users.builder_score 1, stored 0, by the data 0; "
        f"`steadyscore recompute builders` and `steadyscore retry {user_id}`"
    )


@pytest.mark.parametrize(("more", "told"), [(0, []), (1, [f"no more than {SHOWN} are shown"])])
async def test_that_there_are_more_is_said_only_where_something_was_cut(
    sessions: SessionFactory, database_url: str, more: int, told: list[str]
) -> None:
    async with sessions.begin() as session:
        await a_ring(session, SHOWN + more)

    answer = await run(database_url)

    assert answer.stdout.splitlines()[2 + SHOWN :] == told


async def test_the_first_are_shown_and_that_there_are_more(sessions: SessionFactory, database_url: str) -> None:
    async with sessions.begin() as session:
        ring = sorted(await a_ring(session, SHOWN + 1))

    answer = await run(database_url)

    _, _, *shown, last = answer.stdout.splitlines()
    assert [line.split()[0] for line in shown] == ring[:SHOWN]
    assert "stored none, by the data 600; `steadyscore recompute builders --only-stale`" in shown[0]
    assert last == f"no more than {SHOWN} are shown"
    assert "ring-" not in answer.stdout


async def test_stale_scores_are_told_with_their_remedy(
    sessions: SessionFactory, user_id: str, database_url: str
) -> None:
    builders = ScoredBuilders(sessions)
    config = (await builders.definition()).score_config
    await builders.change_definition(score_config=config | {"key_fields": {"points": 1, "cap": 1}})

    answer = await run(database_url)

    assert answer.returncode == 1
    remedy = "`steadyscore recompute builders --only-stale`"
    assert answer.stdout.splitlines()[1:] == [
        f"  1 stale: computed by an older version of the definition; {remedy}",
        f"{user_id} stale: users.builder_score 0, stored 0, by the data 1; {remedy}",
    ]


async def test_what_keeps_it_from_verifying_is_said_without_a_traceback(
    sessions: SessionFactory, database_url: str
) -> None:
    await ScoredBuilders(sessions).change_definition(is_enabled=False)

    disabled = await run(database_url)
    away = await run("postgresql://a:b@127.0.0.1:1/c")

    assert (disabled.returncode, disabled.stdout) == (1, "")
    assert disabled.stderr == (
        "steadyscore: the definition of BUILDER_SCORE is disabled; enable it, then recompute builders\n"
    )
    assert (away.returncode, "the database cannot be reached" in away.stderr) == (1, True)
