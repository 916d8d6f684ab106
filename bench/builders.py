"""`python -m bench.builders`: what reading the leaderboard of a million builders takes, and what keeping it costs.

A PostgreSQL of its own, and the functions that the API and the worker call, called as they do; no HTTP.
"""

import asyncio
import shutil
import sys
from collections.abc import Sequence
from functools import partial
from typing import Annotated

import asyncpg  # type: ignore[import-untyped]
import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.builders_data import Board, Standing, fill, look_at
from bench.builders_plans import Read, explain, time_read
from bench.builders_report import INDEX, Found, Measured, executed, markdown
from bench.builders_writes import Writes
from bench.servers import plain_url
from builders.leaderboard import Place, ScoreRange, list_around, list_leaderboard, list_users_by_score
from builders.profiles import find_profile, list_profiles
from steadyscore.embedded.postgres import EmbeddedPostgres
from steadyscore.migrate import migrate
from steadyscore.settings import read_settings
from store.database import make_engine, make_read_sessions, make_sessions
from store.pages import Part

PAGE = 50
DATABASE = "bench"
SOME_SCORE = 300
EXPLAINED = 5
"""So often each statement is; the fastest is told, which met the least of what the machine does besides."""
REPEATS_WITHOUT = 5
"""Without the index a read takes a while."""


def _reads(board: Board) -> list[Measured]:
    return [
        Measured(f"first {PAGE}", partial(list_leaderboard, limit=PAGE)),
        Measured(_after_name(board.middle), _after(board.middle)),
        Measured(f"{_after_name(board.among_equals)}, among equal scores", _after(board.among_equals)),
        Measured(f"{PAGE} around the first, with ranks", _around(board.first)),
        Measured(f"{PAGE} around the middle, with ranks", _around(board.middle)),
        _around_last(board),
        Measured(f"{PAGE} with {SOME_SCORE} or more", _between(ScoreRange(least=SOME_SCORE))),
        Measured(f"{PAGE} with {SOME_SCORE} or less", _between(ScoreRange(most=SOME_SCORE))),
        Measured("a profile by id", partial(list_profiles, user_ids=[board.middle.user_id]), is_along_scores=False),
        Measured(
            "a profile by username, not cached",
            partial(find_profile, username=board.middle.username),
            is_along_scores=False,
        ),
    ]


def _around_last(board: Board, when: str = "") -> Measured:
    return Measured(f"{PAGE} around the last, with ranks{when}", _around(board.last))


def _after_name(standing: Standing) -> str:
    return f"{PAGE} after place {standing.number + 1:,}"


def _after(standing: Standing) -> Read:
    # the rank that the page's ranks go on from; no read is slower for another
    place = Place(standing.builder_score, standing.user_id, rank=standing.number + 1, number=standing.number + 1)
    return partial(list_leaderboard, limit=PAGE, after=place)


def _around(standing: Standing) -> Read:
    return partial(list_around, user_id=standing.user_id, limit=PAGE)


def _between(scores: ScoreRange) -> Read:
    return partial(list_users_by_score, scores=scores, part=Part(PAGE))


async def _measure_reads(engine: AsyncEngine, reads: Sequence[Measured], repeats: int) -> None:
    sessions = make_sessions(engine)
    for one in reads:
        _say(one.name)
        one.milliseconds = await time_read(make_read_sessions(sessions), one.read, repeats)
        one.plans = min([await explain(engine, sessions, one.read) for _ in range(EXPLAINED)], key=executed)


async def _measure_peer(engine: AsyncEngine, reads: Sequence[Measured]) -> None:
    sessions = make_sessions(engine)
    for one in reads:
        if one.is_along_scores:
            _say(f"{one.name}, without the index")
            one.without = await time_read(make_read_sessions(sessions), one.read, REPEATS_WITHOUT, warm_up=1)
            one.plans_without = await explain(engine, sessions, one.read)


async def _measure(database_url: str, users: int, repeats: int, rounds: int) -> Found:
    await migrate(database_url)
    connection, engine = await asyncpg.connect(plain_url(database_url)), make_engine(database_url)
    try:
        _say(f"{users:,} users")
        await fill(connection, users)
        board = await look_at(connection)
        reads = _reads(board)
        await _measure_reads(engine, reads, repeats)
        _say("writes")
        writes = Writes(make_sessions(engine), connection)
        measured, differing = await writes.measure(rounds), await writes.count_differing()
        # what was written is not known to be seen by all: to count it, PostgreSQL looks beyond the index
        again = _around_last(board, ", after the writes")
        await _measure_reads(engine, [again], repeats)
        await connection.execute(f"DROP INDEX {INDEX}")
        await _measure_peer(engine, reads)
    finally:
        await engine.dispose()
        await connection.close()
    return Found(board, [*reads, again], measured, differing)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main(
    users: Annotated[int, typer.Option(min=1_000)] = 1_000_000,
    repeats: Annotated[int, typer.Option(min=2, help="of each read")] = 200,
    rounds: Annotated[int, typer.Option(min=1, help="of each kind of write")] = 30,
) -> None:
    """Print Markdown; exits with 1 where a plan does not use the index, or a copy is not the stored score."""
    home = read_settings().steadyscore_home.resolve() / "bench" / "builders"
    shutil.rmtree(home, ignore_errors=True)
    try:
        with EmbeddedPostgres(home / "postgres") as postgres:
            asyncio.run(postgres.ensure_database(DATABASE))
            found = asyncio.run(_measure(postgres.url(DATABASE), users, repeats, rounds))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    sys.stdout.writelines(f"{line}\n" for line in markdown(found))
    for error in found.errors():
        _say(error)
    sys.exit(1 if found.errors() else 0)


if __name__ == "__main__":
    typer.run(main)
