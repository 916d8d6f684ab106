"""The demo's second act, as far as no score is computed: what it remembers is what the service counts."""

import io
from collections.abc import Mapping
from typing import Any

import pytest
from rich.console import Console

from api.permissions import Permission
from builders.attributes import count_attributes
from http_client import Api
from signed_tokens import permitting
from steadyscore.demo.builders_client import BuildersClient
from steadyscore.demo.builders_stage import Stage
from steadyscore.demo.builders_story import IMPACT, PEOPLE
from steadyscore.demo.builders_window import SHORT, USUAL, short_window
from steadyscore.demo.narrator import Narrator
from steadyscore.demo.registry_client import RegistryClient
from steadyscore.errors import SetupError
from store.database import SessionFactory

ANOTHER = {"quiet_period": 60.0, "max_wait": 90.0}


def token_of(username: str) -> str:
    header = permitting(Permission.VIEW_BUILDERS, Permission.BUILD, sub=f"development:{username}")
    return header["Authorization"].removeprefix("Bearer ")


@pytest.fixture
def client(api: Api) -> BuildersClient:
    """The demo's own."""
    return BuildersClient(RegistryClient(api.http), token_of)


@pytest.fixture
def narrator() -> Narrator:
    """Tells nobody."""
    return Narrator(Console(file=io.StringIO()))


@pytest.fixture
def stage(client: BuildersClient, narrator: Narrator) -> Stage:
    """Before anybody has signed up."""
    return Stage(client, narrator, {})


async def the_definition(client: BuildersClient) -> dict[str, Any]:
    answer = await client.registry.post("/register-metadata/get_score_definitions", {"register_id": "builders"})
    [definition] = answer["score_definitions"]
    return dict(definition)


async def set_window(client: BuildersClient, debounce: Mapping[str, float]) -> None:
    chosen = (await the_definition(client))["score_definition_id"]
    body = {"score_definition_id": chosen, "debounce": debounce}
    await client.registry.post("/register-metadata/update_score_definition", body)


async def fail_in_the_short_window(client: BuildersClient, narrator: Narrator) -> None:
    async with short_window(client.registry, narrator):
        is_short = (await the_definition(client))["debounce"] == SHORT
        narrator.check(f"not {'due soon' if is_short else 'due late'}", holds=False)


async def is_as_counted(stage: Stage, sessions: SessionFactory) -> bool:
    ids = {name: builder.user_id for name, builder in stage.builders.items()}
    async with sessions() as session:
        counted = await count_attributes(session, ids.values())
    return all(stage.deeds.attributes(name) == counted[user_id] for name, user_id in ids.items())


async def test_the_demo_remembers_what_the_service_counts(stage: Stage, sessions: SessionFactory) -> None:
    await stage.sign_up(PEOPLE)
    shipped = await stage.create_project("Ada", "Shipped", "shipped")
    draft = await stage.create_project("Ada", "Draft", "draft")
    of_ben = await stage.create_project("Ben", "Ben's", "shipped")
    for project, name in ((shipped, "Eva"), (draft, "Eva"), (of_ben, "Ada"), (draft, "Dan")):
        await stage.invite(project, name)
        await stage.confirm(project, name)
    await stage.measure(shipped, IMPACT)
    await stage.measure(draft, IMPACT)

    assert stage.deeds.attributes("Ada") == {
        "shipped_projects": 1,
        "vouches": 3,
        "profile.key_fields": 3,
        **{f"impact.{metric}": count for metric, count in IMPACT.items()},
    }
    assert await is_as_counted(stage, sessions)


async def test_what_is_undone_the_demo_forgets_as_the_service_does(stage: Stage, sessions: SessionFactory) -> None:
    await stage.sign_up(PEOPLE)
    projects = [await stage.create_project("Ada", "One of two", "shipped") for _ in range(2)]
    for project in projects:
        await stage.invite(project, "Eva")
        await stage.confirm(project, "Eva")

    for project in projects:
        await stage.remove(project, "Eva")
        assert await is_as_counted(stage, sessions)
    await stage.set_status(projects[0], "active")

    assert stage.deeds.attributes("Ada")["shipped_projects"] == 1
    assert stage.deeds.vouching_for("Eva") == set()
    assert await is_as_counted(stage, sessions)


async def test_every_run_finds_usernames_that_are_free(stage: Stage, client: BuildersClient) -> None:
    names = list(PEOPLE)
    await stage.sign_up(PEOPLE)
    # of the second run one name is taken already
    await client.sign_up("Somebody", "eva-2", {})

    free = await client.free_usernames(names)

    assert [builder.username for builder in stage.builders.values()] == ["ada", "ben", "cleo", "dan", "eva"]
    assert list(free.values()) == ["ada-3", "ben-3", "cleo-3", "dan-3", "eva-3"]


@pytest.mark.parametrize(
    ("found", "left"),
    [
        pytest.param(USUAL, USUAL, id="as it comes"),
        pytest.param(ANOTHER, ANOTHER, id="as somebody has set it"),
        pytest.param(SHORT, USUAL, id="as a demo left it that was killed"),
    ],
)
async def test_the_window_is_put_back_even_where_the_story_fails(
    client: BuildersClient, narrator: Narrator, found: dict[str, float], left: dict[str, float]
) -> None:
    await set_window(client, found)
    version = (await the_definition(client))["version"]

    with pytest.raises(SetupError, match="due soon"):
        await fail_in_the_short_window(client, narrator)

    definition = await the_definition(client)
    assert definition["debounce"] == left
    # no score is stale for it
    assert definition["version"] == version
