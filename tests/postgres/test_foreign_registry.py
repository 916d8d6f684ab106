"""A registry that is not ours, with tables and an approval of its own, calls the trigger in its own transaction."""

import pytest
from sqlalchemy import Column, Float, Integer, MetaData, String, Table, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

import steadyscore
from objects import a_stored_definition
from postgres_sessions import requests_of
from store.database import Session, SessionFactory

foreign = MetaData()
farmers = Table(
    "farmers",
    foreign,
    Column("farmer_no", String, primary_key=True),
    Column("yearly_income", Float),
    Column("hectares", Float),
    Column("people", Integer),
    Column("phone", String),
)


async def approve(
    session: Session, farmer_no: str, request_no: str, changes: dict[str, float | str | None]
) -> list[str]:
    """The foreign approval: columns are changed, then the scores are asked for, under names of our definitions."""
    names = {"yearly_income": "income", "hectares": "assets.land_area", "people": "household.member_count"}
    statement = update(farmers).where(farmers.c.farmer_no == farmer_no).values(changes).returning(farmers)
    row = (await session.execute(statement)).mappings().one()
    change = steadyscore.ApprovedChange(
        register_id="farmers",
        register_purpose="REGISTER",
        internal_record_id=farmer_no,
        change_request_id=request_no,
        change_payload={names.get(column, column): value for column, value in changes.items()},
        record_attributes={path: row[column] for column, path in names.items()},
    )
    return await steadyscore.request_scores(session, change)


@pytest.fixture
async def with_farmers(engine: AsyncEngine, sessions: SessionFactory) -> SessionFactory:
    """Our definitions beside the foreign table with one farmer."""
    async with engine.begin() as connection:
        await connection.run_sync(foreign.create_all)
    async with sessions.begin() as session:
        await a_stored_definition(session, "PMT_SCORE")
        await a_stored_definition(session, "FSF_SCORE")
        await session.execute(insert(farmers).values(farmer_no="F-1", yearly_income=5000, hectares=2.1, people=4))
    return sessions


async def income_of(sessions: SessionFactory, farmer_no: str) -> float | None:
    """The committed income."""
    async with sessions() as session:
        return await session.scalar(select(farmers.c.yearly_income).where(farmers.c.farmer_no == farmer_no))


async def test_a_foreign_approval_asks_for_scores_in_its_own_transaction(with_farmers: SessionFactory) -> None:
    async with with_farmers() as session:
        asked_for = await approve(session, "F-1", "REQ-7", {"yearly_income": 3500.0})
        before_the_commit = await requests_of(with_farmers, "F-1")
        await session.commit()

    requests = await requests_of(with_farmers, "F-1")
    assert before_the_commit == {}
    assert asked_for == sorted(requests) == ["FSF_SCORE", "PMT_SCORE"]
    assert requests["PMT_SCORE"].change_request_id == "REQ-7"
    assert requests["PMT_SCORE"].contributing_attribute_values == {
        "income": 3500.0,
        "assets.land_area": 2.1,
        "household.member_count": 4,
    }


async def test_a_foreign_approval_that_rolls_back_takes_the_requests_with_it(with_farmers: SessionFactory) -> None:
    async with with_farmers() as session:
        await approve(session, "F-1", "REQ-7", {"yearly_income": 3500.0})
        await session.rollback()

    assert await requests_of(with_farmers, "F-1") == {}
    assert await income_of(with_farmers, "F-1") == 5000


async def test_a_foreign_approval_is_refused_whole_where_its_values_cannot_be_stored(
    with_farmers: SessionFactory,
) -> None:
    async def approve_and_commit() -> None:
        async with with_farmers.begin() as session:
            await approve(session, "F-1", "REQ-7", {"yearly_income": float("nan")})

    with pytest.raises(steadyscore.ScoringError, match="income"):
        await approve_and_commit()

    assert await income_of(with_farmers, "F-1") == 5000
    assert await requests_of(with_farmers, "F-1") == {}


async def test_a_foreign_approval_that_touches_no_score_asks_for_none(with_farmers: SessionFactory) -> None:
    async with with_farmers.begin() as session:
        assert await approve(session, "F-1", "REQ-7", {"phone": "0700"}) == []

    assert await requests_of(with_farmers, "F-1") == {}


async def test_several_records_in_one_foreign_transaction_ask_each_for_itself(with_farmers: SessionFactory) -> None:
    async with with_farmers.begin() as session:
        await session.execute(insert(farmers).values(farmer_no="F-2", yearly_income=1))
        await approve(session, "F-1", "REQ-7", {"hectares": 3.0})
        await approve(session, "F-2", "REQ-8", {"yearly_income": None})

    first, second = await requests_of(with_farmers, "F-1"), await requests_of(with_farmers, "F-2")
    assert sorted(first) == ["PMT_SCORE"]
    assert {row.change_request_id for row in second.values()} == {"REQ-8"}
    assert second["PMT_SCORE"].contributing_attribute_values == {}
