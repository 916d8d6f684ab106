"""`steadyscore builders verify`: whether all Builder Scores are what the data give, for people and for machines."""

import asyncio
import json
import math
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
    yield f"users: {users}, right: {verification.right}, pending: {pending}, differing: {differing}"
    for finding, (meaning, remedy) in _MEANINGS.items():
        if count := verification.findings[finding]:
            yield f"  {count} {finding}: {meaning}; `{remedy}`"
    shown = verification.shown
    for difference in shown:
        yield _line(difference)
    if differing > len(shown):
        yield f"no more than {SHOWN} are shown"


def _line(difference: Difference) -> str:
    # all its digits: a score that is hardly not whole is to be seen
    stored = "none" if difference.stored_score is None else str(difference.stored_score).removesuffix(".0")
    return (
        f"{difference.user_id} {', '.join(difference.findings)}: users.builder_score {difference.builder_score}, "
        f"stored {stored}, by the data {difference.computed_score}; "
        + " and ".join(f"`{remedy}`" for remedy in _remedies(difference))
    )


def _remedies(difference: Difference) -> list[str]:
    """What mends it all, each command once."""
    commands = (_MEANINGS[finding][1].replace("USER_ID", difference.user_id) for finding in difference.findings)
    return list(dict.fromkeys(commands))


def _as_json(verification: Verification) -> str:
    counts = {name: getattr(verification, name) for name in ("users", "right", "pending", "differing", "findings")}
    shown = [_shown(difference) for difference in verification.shown]
    return json.dumps(counts | {"shown": shown}, allow_nan=False)


def _shown(difference: Difference) -> dict[str, object]:
    stored = difference.stored_score
    # JSON has no such numbers: they are told as text, null is no score
    told = str(stored) if stored is not None and not math.isfinite(stored) else stored
    return asdict(difference) | {"stored_score": told, "remedies": _remedies(difference)}
