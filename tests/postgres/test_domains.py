"""A register is found, counted, recomputed and named on the command line alike, whichever domain has it."""

import asyncio
import os
import subprocess
import sys

import pytest
from sqlalchemy import update

from builders.register import BUILDER_SCORE, BUILDERS, FACTS
from builders.tables import User
from builders_world import builders, one_after_the_other
from objects import FARMER_ATTRIBUTES, a_farmer_register, an_approval
from postgres_sessions import requests_of
from registry.registers import create_register, register_facts
from registry.tables import RegisterPurpose
from scoring.errors import InvalidInput, RegisterNotFound
from steadyscore.domains import RECORDS, WRITE_BACKS, find_register_facts
from store.database import Session, SessionFactory
from store.recomputation_pages import request_page
from store.recomputation_requests import RecomputationWanted, ask_for_recomputation
from store.recomputations import get_recomputation


async def recompute_command(database_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as a user gives it."""
    command = [sys.executable, "-m", "steadyscore", "recompute", *arguments]
    environment = {**os.environ, "DATABASE_URL": database_url}
    return await asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("name", ["builders", "Builders"])
async def test_the_builders_are_found_by_id_and_by_name(sessions: SessionFactory, name: str) -> None:
    async with sessions() as session:
        assert await find_register_facts(session, name) == FACTS


async def test_a_register_of_the_registry_is_found_by_id_and_by_name(sessions: SessionFactory) -> None:
    async with sessions.begin() as session:
        register = await a_farmer_register(session)

        found = [await find_register_facts(session, name) for name in (register.register_id, "Farmer")]

        assert found == [register_facts(register)] * 2


async def test_a_name_that_both_domains_have_is_refused_and_each_is_found_by_its_id(sessions: SessionFactory) -> None:
    async with sessions.begin() as session:
        other = await create_register(session, "Builders", RegisterPurpose.REGISTER, FARMER_ATTRIBUTES)

        with pytest.raises(InvalidInput, match=f"name one by its id: builders, {other.register_id}"):
            await find_register_facts(session, "Builders")

        assert await find_register_facts(session, "builders") == FACTS
        assert await find_register_facts(session, other.register_id) == register_facts(other)


async def test_what_no_domain_has_is_not_found(sessions: SessionFactory) -> None:
    async with sessions() as session:
        with pytest.raises(RegisterNotFound, match="the mnemonic Nobody"):
            await find_register_facts(session, "Nobody")


async def test_records_are_those_of_the_register_that_is_named(sessions: SessionFactory) -> None:
    users = [one.user_id for one in await builders(sessions, 3)]
    async with sessions.begin() as session:
        register = await a_farmer_register(session)
        record = (await an_approval(session, register.register_id)).internal_record_id

        pages = [await RECORDS.lock_page(session, one, "", 10) for one in (BUILDERS, register.register_id)]

        assert [[state.internal_record_id for state in page] for page in pages] == [users, [record]]
        assert [await RECORDS.count(session, one) for one in (BUILDERS, register.register_id)] == [3, 1]


def test_only_builders_keep_a_copy() -> None:
    assert WRITE_BACKS.keys() == {BUILDERS}


async def test_a_recomputation_asks_for_every_user_page_by_page_as_they_are_now(sessions: SessionFactory) -> None:
    some = await builders(sessions, 5)
    async with sessions.begin() as session:
        owner = await session.get_one(User, some[2].user_id)
        # behind the triggers' back
        await session.execute(update(User).where(User.user_id == owner.user_id).values(bio="I build"))
        [asked] = await ask_for_recomputation(session, FACTS, RecomputationWanted())

    pages = []
    for _ in range(4):
        async with sessions.begin() as session:
            pages.append(await request_page(session, BUILDERS, BUILDER_SCORE, RECORDS, 2))

    async with sessions() as session:
        progress = (await get_recomputation(session, asked.recomputation_id)).progress
    requests = [(await requests_of(sessions, one.user_id))[BUILDER_SCORE] for one in some]
    assert pages == [2, 2, 1, 0]
    assert (progress.total, progress.looked_at, progress.requested, progress.all_requested) == (5, 5, 5, True)
    assert {(one.reason, one.change_request_id, one.priority) for one in requests} == {
        ("RECOMPUTE", asked.recomputation_id, 5)
    }
    assert [one.contributing_attribute_values["profile.key_fields"] for one in requests] == [1, 1, 2, 1, 1]


async def test_a_page_waits_for_a_users_change_and_sees_it(sessions: SessionFactory) -> None:
    [one] = await builders(sessions, 1)
    async with sessions.begin() as session:
        await ask_for_recomputation(session, FACTS, RecomputationWanted())

    async def change(session: Session) -> None:
        await session.execute(update(User).where(User.user_id == one.user_id).values(bio="I build"))

    looked_at = await one_after_the_other(
        sessions, change, lambda session: request_page(session, BUILDERS, BUILDER_SCORE, RECORDS, 2)
    )

    request = (await requests_of(sessions, one.user_id))[BUILDER_SCORE]
    assert looked_at == 1
    assert request.contributing_attribute_values["profile.key_fields"] == 2


async def test_steadyscore_recompute_takes_the_builders_by_name(sessions: SessionFactory, database_url: str) -> None:
    await builders(sessions, 1)

    started = await recompute_command(database_url, "builders", "--detach")
    status = await recompute_command(database_url, "Builders", "--status")

    assert (started.returncode, started.stderr) == (0, "")
    assert "BUILDER_SCORE: started, recompute:builders:BUILDER_SCORE" in started.stdout
    assert (status.returncode, status.stdout.split(",")[0]) == (0, "BUILDER_SCORE: REQUESTED")
