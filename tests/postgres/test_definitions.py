"""Score definitions in the database: created once, changed with a version, refused for the same reasons."""

import asyncio
from typing import Any

import pytest

from objects import AN_ACTOR, FARMER_ATTRIBUTES, FSF_CONFIG, a_definition, a_stored_definition, an_id, register_facts
from postgres_sessions import backend_pid, until_waiting
from scoring.debounce import DebouncePolicy
from scoring.errors import (
    ComputeServiceNotFound,
    InvalidDefinition,
    InvalidInput,
    RegisterPurposeConflict,
    ScoreDefinitionExists,
    ScoreDefinitionNotFound,
)
from store.database import Session, SessionFactory
from store.definition_tables import G2PRegisterScoreDefinition
from store.definitions import (
    DefinitionChange,
    create_definition,
    get_definition,
    list_definitions,
    to_definition,
    update_definition,
)


async def changed(sessions: SessionFactory, score_definition_id: str, **changes: Any) -> G2PRegisterScoreDefinition:
    """The definition after a change in a session of its own."""
    async with sessions.begin() as session:
        return await update_definition(
            session, AN_ACTOR, score_definition_id, DefinitionChange(**changes), register_facts()
        )


async def test_a_definition_is_read_back_as_it_was_created(sessions: SessionFactory) -> None:
    definition = a_definition("FSF_SCORE", debounce=DebouncePolicy(2, 10), is_enabled=False)
    async with sessions.begin() as session:
        created = await create_definition(session, AN_ACTOR, definition, register_facts())

    async with sessions() as session:
        row = await get_definition(session, created.score_definition_id)

    read = to_definition(row)
    assert read == a_definition(
        "FSF_SCORE",
        debounce=DebouncePolicy(2, 10),
        is_enabled=False,
        score_definition_id=created.score_definition_id,
        version=1,
    )
    assert row.created_at == row.updated_at
    assert row.created_at.utcoffset() is not None


@pytest.mark.parametrize(
    ("changes", "facts", "error"),
    [
        pytest.param(
            {"contributing_attributes": (), "score_config": FSF_CONFIG}, {}, InvalidDefinition, id="no attributes"
        ),
        pytest.param({"contributing_attributes": ("x",)}, {}, InvalidDefinition, id="an unknown attribute"),
        pytest.param({"score_config": {"weights": {"x": 1}}}, {}, InvalidDefinition, id="weights that do not fit"),
        pytest.param({"score_config": {"note": float("nan")}}, {}, InvalidInput, id="NaN in the config"),
        pytest.param({}, {"purpose": "TABLE"}, RegisterPurposeConflict, id="a register without scores"),
    ],
)
async def test_creating_and_updating_refuse_the_same(
    sessions: SessionFactory, changes: dict[str, Any], facts: dict[str, Any], error: type[Exception]
) -> None:
    async with sessions.begin() as session:
        existing = await a_stored_definition(session)
    change = DefinitionChange(**changes)
    async with sessions() as session:
        with pytest.raises(error):
            await create_definition(
                session, AN_ACTOR, a_definition(register_id="others", **changes), register_facts(**facts)
            )
        with pytest.raises(error):
            await update_definition(session, AN_ACTOR, existing.score_definition_id, change, register_facts(**facts))
        await session.commit()

    async with sessions() as session:
        assert await list_definitions(session, "others") == []
        [kept] = await list_definitions(session, "farmers")
        assert to_definition(kept) == to_definition(existing)


async def test_a_score_type_that_nobody_serves_is_refused_when_it_is_created(session: Session) -> None:
    with pytest.raises(ComputeServiceNotFound, match="LUCK_SCORE"):
        await create_definition(session, AN_ACTOR, a_definition("LUCK_SCORE"), register_facts())


async def test_a_register_has_one_definition_for_a_score_type(session: Session) -> None:
    await a_stored_definition(session, "PMT_SCORE")

    with pytest.raises(ScoreDefinitionExists, match="PMT_SCORE") as refused:
        await a_stored_definition(session, "PMT_SCORE")

    assert refused.value.field == "score_type"
    assert len(await list_definitions(session, "farmers")) == 1


async def test_another_register_has_a_definition_of_its_own(session: Session) -> None:
    await a_stored_definition(session, "PMT_SCORE", "farmers")
    await a_stored_definition(session, "PMT_SCORE", "herders")

    assert len(await list_definitions(session, "farmers")) == len(await list_definitions(session, "herders")) == 1


@pytest.mark.parametrize("first_ends_by", ["commit", "rollback"])
async def test_of_two_that_create_the_same_definition_at_once_one_is_told_that_it_exists(
    sessions: SessionFactory, first_ends_by: str
) -> None:
    async with sessions() as first, sessions() as second:
        waiting = await backend_pid(second)
        await a_stored_definition(first)
        racing = asyncio.create_task(a_stored_definition(second))
        await until_waiting(sessions, waiting)
        await getattr(first, first_ends_by)()
        if first_ends_by == "commit":
            with pytest.raises(ScoreDefinitionExists):
                await racing
        else:
            await racing
        await second.commit()

    async with sessions() as session:
        assert len(await list_definitions(session, "farmers")) == 1


async def test_definitions_are_listed_by_score_type(session: Session) -> None:
    await a_stored_definition(session, "PMT_SCORE")
    await a_stored_definition(session, "FSF_SCORE")

    listed = await list_definitions(session, "farmers")

    assert [row.score_type for row in listed] == ["FSF_SCORE", "PMT_SCORE"]
    assert await list_definitions(session, "herders") == []


@pytest.mark.parametrize(
    ("changes", "version"),
    [
        pytest.param({"score_config": {"weights": {"income": 0.5}}}, 2, id="the config"),
        pytest.param({"contributing_attributes": ("income",)}, 2, id="the attributes"),
        pytest.param({"debounce": DebouncePolicy(5, 6)}, 1, id="the debounce policy"),
        pytest.param({"is_enabled": False}, 1, id="being enabled"),
        pytest.param({"score_config": {}}, 1, id="the config to what it was"),
        pytest.param({}, 1, id="nothing"),
        pytest.param({"is_enabled": False, "score_config": {"weights": {"income": 0.5}}}, 2, id="two fields"),
    ],
)
async def test_the_version_goes_up_when_a_score_could_change(
    sessions: SessionFactory, changes: dict[str, Any], version: int
) -> None:
    async with sessions.begin() as session:
        created = await a_stored_definition(session)

    row = await changed(sessions, created.score_definition_id, **changes)

    async with sessions() as session:
        read = await get_definition(session, created.score_definition_id)
    assert (row.version, read.version) == (version, version)
    for name, value in changes.items():
        assert getattr(to_definition(read), name) == value
    assert (read.updated_at > created.updated_at) is (to_definition(read) != to_definition(created))


async def test_what_a_change_does_not_name_stays(sessions: SessionFactory) -> None:
    async with sessions.begin() as session:
        created = await a_stored_definition(session, "FSF_SCORE", debounce=DebouncePolicy(2, 10))

    row = await changed(sessions, created.score_definition_id, is_enabled=False)

    assert row.score_config == FSF_CONFIG
    assert row.debounce == {"quiet_period": 2, "max_wait": 10}
    assert row.contributing_attributes == ["income", "household.member_count"]


@pytest.mark.parametrize("known_before", [False, True], ids=["not read before", "read before"])
async def test_two_changes_at_once_are_both_kept_each_with_a_version_of_its_own(
    sessions: SessionFactory, *, known_before: bool
) -> None:
    async with sessions.begin() as session:
        score_definition_id = (await a_stored_definition(session)).score_definition_id
    weights: dict[str, Any] = {"weights": {"income": 0.5}}

    async with sessions() as first, sessions() as second:
        waiting = await backend_pid(second)
        # the API reads the definition to learn of its register, then changes it in the same session
        held = await get_definition(second, score_definition_id) if known_before else None
        await update_definition(
            first, AN_ACTOR, score_definition_id, DefinitionChange(score_config=weights), register_facts()
        )
        narrower = DefinitionChange(contributing_attributes=("income",))
        racing = asyncio.create_task(
            update_definition(second, AN_ACTOR, score_definition_id, narrower, register_facts())
        )
        await until_waiting(sessions, waiting)
        await first.commit()
        await racing
        await second.commit()

    async with sessions() as session:
        row = await get_definition(session, score_definition_id)
    assert (row.score_config, row.contributing_attributes) == (weights, ["income"])
    assert row.version == 3
    assert held is None or held.score_definition_id == score_definition_id


async def test_an_unknown_id_is_not_found(session: Session) -> None:
    with pytest.raises(ScoreDefinitionNotFound, match="no score definition has the id") as missing:
        await get_definition(session, an_id())
    with pytest.raises(ScoreDefinitionNotFound):
        await update_definition(session, AN_ACTOR, an_id(), DefinitionChange(is_enabled=False), register_facts())

    assert missing.value.field == "score_definition_id"


async def test_a_change_is_checked_against_the_register_as_it_is_now(sessions: SessionFactory) -> None:
    async with sessions.begin() as session:
        created = await a_stored_definition(session)
    narrower = register_facts(attribute_types={path: FARMER_ATTRIBUTES[path] for path in ("name", "income")})

    async with sessions() as session:
        with pytest.raises(InvalidDefinition, match=r"assets\.land_area is no attribute"):
            await update_definition(
                session, AN_ACTOR, created.score_definition_id, DefinitionChange(is_enabled=False), narrower
            )


async def test_a_change_from_one_to_true_is_a_change(session: Session) -> None:
    row = await a_stored_definition(session, score_config={"cap": 1})

    change = DefinitionChange(score_config={"cap": True})
    changed = await update_definition(session, AN_ACTOR, row.score_definition_id, change, register_facts())

    assert changed.score_config["cap"] is True
    assert changed.version == 2


async def test_a_number_that_jsonb_writes_out_is_no_change_when_it_is_sent_again(sessions: SessionFactory) -> None:
    config = {"weights": {"income": 1e22}}
    async with sessions.begin() as session:
        created = await a_stored_definition(session, score_config=config)

    again = await changed(sessions, created.score_definition_id, score_config=config)

    assert again.version == 1
