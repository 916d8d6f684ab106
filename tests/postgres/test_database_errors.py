"""Which errors say that the database is away, and which that something is wrong with what it was asked."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from scoring.errors import NotFound
from store.database import (
    Session,
    SessionFactory,
    describe_database_error,
    is_database_away,
    make_engine,
    make_sessions,
)


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("SELECT nothing", id="a column that there is not"),
        pytest.param("SELEC 1", id="no SQL"),
        pytest.param("INSERT INTO registers VALUES ('a', 'b', 'FARM', '{}')", id="a check that fails"),
        pytest.param("INSERT INTO records (register_id, attributes) VALUES ('x', '{}')", id="a key that there is not"),
        pytest.param("SELECT 'x'::integer", id="text that is no number"),
        pytest.param("SELECT 2147483648::bigint::integer", id="a number out of range"),
        pytest.param("SELECT '\"\\u0000\"'::jsonb #>> '{}'", id="a NUL"),
        pytest.param("SELECT 1 / 0", id="a division by zero"),
    ],
)
async def test_a_mistake_is_no_database_that_is_away(session: Session, statement: str) -> None:
    with pytest.raises(SQLAlchemyError) as failed:
        await session.execute(text(statement))

    assert not is_database_away(failed.value)


async def test_a_connection_that_was_lost_is_a_database_that_is_away(sessions: SessionFactory) -> None:
    async with sessions() as session:
        own = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        async with sessions() as other:
            await other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": own})
        with pytest.raises(SQLAlchemyError) as failed:
            await session.execute(text("SELECT 1"))

    assert is_database_away(failed.value)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("postgresql+asyncpg://nobody@127.0.0.1:1/nothing", id="nobody listens"),
        pytest.param("postgresql+asyncpg://nobody@/x?host=/nowhere&port=5432", id="no socket"),
    ],
)
async def test_a_server_that_is_not_there_is_a_database_that_is_away(url: str) -> None:
    engine = make_engine(url)
    async with make_sessions(engine)() as session:
        with pytest.raises((SQLAlchemyError, OSError)) as failed:
            await session.execute(text("SELECT 1"))
    await engine.dispose()

    assert is_database_away(failed.value)


async def test_an_error_never_shows_what_was_sent(session: Session) -> None:
    with pytest.raises(SQLAlchemyError) as failed:
        await session.execute(text("SELECT nothing FROM records WHERE register_id = :value"), {"value": "hunter2"})

    assert "hunter2" not in str(failed.value)


@pytest.mark.parametrize("error", [NotFound("x"), ValueError("x"), KeyError("x")])
def test_other_errors_are_no_database_that_is_away(error: Exception) -> None:
    assert not is_database_away(error)


async def test_a_schema_that_is_too_old_is_no_server_that_is_away(session: Session) -> None:
    with pytest.raises(SQLAlchemyError) as failed:
        await session.execute(text("SELECT * FROM tables_of_tomorrow"))

    said = describe_database_error(failed.value)

    assert said == "the database refuses what it is asked; is it migrated? (ProgrammingError)"
    assert describe_database_error(OSError()) == "the database cannot be reached (OSError)"
