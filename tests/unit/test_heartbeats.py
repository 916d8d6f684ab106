"""Activities that take long say that they live; local ones have nobody to say it to."""

import asyncio
from dataclasses import replace

import pytest
from temporalio.testing import ActivityEnvironment

from activities.heartbeats import heartbeats


@pytest.mark.parametrize("is_local", [False, True], ids=["an activity", "a local activity"])
async def test_only_an_activity_that_the_server_knows_of_sends_heartbeats(*, is_local: bool) -> None:
    environment, heard = ActivityEnvironment(), []
    environment.info = replace(environment.info, is_local=is_local)
    environment.on_heartbeat = lambda *details: heard.append(details)

    async def work() -> None:
        async with heartbeats():
            await asyncio.sleep(0)

    await environment.run(work)

    assert len(heard) == (0 if is_local else 1)
