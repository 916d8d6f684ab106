"""`steadyscore builders verify`: whether all Builder Scores are what the data give, for people and for machines."""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict

from builders.register import BUILDERS
from builders.verification import SHOWN, Difference, Finding, Verification, verify_scores
from scoring.errors import ScoringError
from steadyscore.errors import SetupError
from steadyscore.local_database import find_database_url
from steadyscore.settings import Settings
from store.database import DATABASE_ERRORS, describe_database_error, make_engine, make_sessions

Say = Callable[[str], None]

_RECOMPUTE = f"steadyscore recompute {BUILDERS}"

_MEANINGS: Mapping[Finding, tuple[str, str]] = {
    Finding.COPY: ("users.builder_score is not the stored score", _RECOMPUTE),
    Finding.DRIFT: ("the stored score is not what the data give", _RECOMPUTE),
    Finding.MISSING: ("there is no score, and none is pending", f"{_RECOMPUTE} --only-stale"),
    Finding.FAILED: ("the latest computation has failed", "steadyscore retry USER_ID"),
    Finding.STALE: ("computed by an older version of the definition", f"{_RECOMPUTE} --only-stale"),
}
"""What each finding means, and the command that mends it."""


def run_verify_builders(settings: Settings, *, as_json: bool, say: Say) -> bool:
    """Do it; False when anything differs.

    Raises:
        SetupError: there is no definition to verify by, or the database cannot be reached.
    """
    try:
        verification = asyncio.run(_verify(find_database_url(settings)))
    except ScoringError as error:
        raise SetupError(error.detail) from error
    except DATABASE_ERRORS as error:
        raise SetupError(describe_database_error(error)) from error
    for line in [_as_json(verification)] if as_json else _as_lines(verification):
        say(line)
    return not verification.differing


async def _verify(database_url: str) -> Verification:
    engine = make_engine(database_url, pool_size=1)
    try:
        return await verify_scores(make_sessions(engine))
    finally:
        await engine.dispose()


def _as_lines(verification: Verification) -> Iterable[str]:
    users, pending, differing = verification.users, verification.pending, verification.differing
    yield f"users: {users}, right: {users - pending - differing}, pending: {pending}, differing: {differing}"
    for finding, (meaning, remedy) in _MEANINGS.items():
        if count := verification.findings[finding]:
            yield f"  {count} {finding}: {meaning}; `{remedy}`"
    for difference in verification.shown:
        yield _line(difference)
    if len(verification.shown) == SHOWN:
        yield f"no more than {SHOWN} are shown"


def _line(difference: Difference) -> str:
    stored = "none" if difference.stored_score is None else f"{difference.stored_score:.15g}"
    return (
        f"{difference.user_id} {difference.finding}: users.builder_score {difference.builder_score}, stored {stored}, "
        f"by the data {difference.computed_score}; `{_remedy(difference)}`"
    )


def _remedy(difference: Difference) -> str:
    return _MEANINGS[difference.finding][1].replace("USER_ID", difference.user_id)


def _as_json(verification: Verification) -> str:
    shown = [asdict(one) | {"remedy": _remedy(one)} for one in verification.shown]
    return json.dumps(asdict(verification) | {"shown": shown})
