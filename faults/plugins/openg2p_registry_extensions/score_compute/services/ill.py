"""A service that falls ill as its definition's `score_config["behaviour"]` says, in each of the three modes.

well          returns the income; a missing one counts as 0
raises        fails with an exception that says nothing of the reason
raises_final  fails with ScoreInputError: no retry is worth while
hangs         awaits for ever
nan, infinite, text, none
              returns what is no score
blocks        holds its thread for `seconds`, 60 unless the config says otherwise, then returns the income
leaks         raises with all values in the exception's text
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from steadyscore import ScoreInputError

Values = Mapping[str, Any]
Behaviour = Callable[[Values, Values], Awaitable[Any]]

BLOCKED_SECONDS = 60.0


class IllError(Exception):
    """What an ill service raises; not final, as nobody told what it is."""


async def _well(values: Values, config: Values) -> float:
    del config
    return float(values.get("income", 0))


async def _raises(values: Values, config: Values) -> float:
    del values, config
    raise IllError


async def _raises_final(values: Values, config: Values) -> float:
    del values, config
    raise ScoreInputError("income is not what the ill service can use", field="income")


async def _hangs(values: Values, config: Values) -> float:
    del values, config
    await asyncio.Event().wait()
    raise AssertionError("nobody sets the event")


async def _blocks(values: Values, config: Values) -> float:
    time.sleep(config.get("seconds", BLOCKED_SECONDS))  # noqa: ASYNC251 - its very purpose
    return await _well(values, config)


async def _leaks(values: Values, config: Values) -> float:
    del config
    raise IllError(f"could not make sense of {dict(values)}")


def _returns(result: object) -> Behaviour:
    async def behaviour(values: Values, config: Values) -> object:
        del values, config
        return result

    return behaviour


BEHAVIOURS: Mapping[str, Behaviour] = {
    "well": _well,
    "raises": _raises,
    "raises_final": _raises_final,
    "hangs": _hangs,
    "nan": _returns(math.nan),
    "infinite": _returns(math.inf),
    "text": _returns("1401.83"),
    "none": _returns(None),
    "blocks": _blocks,
    "leaks": _leaks,
}


class G2PScoreComputeServiceIllScore:
    """Ill among services that await: what it blocks is the worker's own loop."""

    formula_version = "1"
    compute_mode = "concurrent"

    async def compute_score(
        self, internal_record_id: str, contributing_attribute_values: Values, score_config: Values
    ) -> Any:
        """What the behaviour makes of it; KeyError for one that there is not."""
        del internal_record_id
        return await BEHAVIOURS[score_config["behaviour"]](contributing_attribute_values, score_config)


class G2PScoreComputeServiceIllBlockingScore(G2PScoreComputeServiceIllScore):
    """Ill in a thread of its own."""

    compute_mode = "blocking"


class G2PScoreComputeServiceIllInstantaneousScore(G2PScoreComputeServiceIllScore):
    """Ill where arithmetic is expected, within the worker's own task."""

    compute_mode = "instantaneous"
