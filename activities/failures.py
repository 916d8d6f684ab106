"""The one place that turns errors into Temporal's failures, which are kept in the run's history for all to see."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from temporalio.exceptions import ApplicationError

from scoring.errors import ScoringError
from scoring.failures import describe_exception
from scoring.json_values import storable_text

MAX_REASON_LENGTH = 1_000


@contextmanager
def failures_for_temporal(doing: str) -> Iterator[None]:
    """Make a ScoringError final and leave everything else to the retry policy, without its text."""
    try:
        yield
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        # nobody cancelled the activity: a service that raises this fails like one that raises anything else
        raise ApplicationError(f"{doing}: {describe_exception(error)}", type="CancelledError") from None
    except ScoringError as error:
        raise ApplicationError(
            storable_text(error.detail[:MAX_REASON_LENGTH]), type=type(error).__name__, non_retryable=True
        ) from None
    except Exception as error:  # noqa: BLE001 - whatever a plug-in raises must not leave with its text
        raise ApplicationError(f"{doing}: {describe_exception(error)}", type=type(error).__name__) from None
