"""The real compute activity: what it computes, how it fails, and what a failure tells."""

import json
from pathlib import Path

import pytest
from google.protobuf.json_format import MessageToDict
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.compute import ComputeActivities
from activities.services import ServiceRunner
from objects import a_request
from scoring.messages import ComputedScore, ScoreRequest, ScoreToCompute
from temporal_fakes.plugins import installed_services

SECRET = "born-1970-in-Nairobi"  # noqa: S105 - a value of a record, which nobody else may read


async def computed(request: ScoreRequest, seconds: float = 30) -> ComputedScore:
    task = ScoreToCompute("farmers", "a-record", request, seconds)
    return await ActivityEnvironment().run(ComputeActivities(ServiceRunner(1)).compute_score, task)


async def failure_of(request: ScoreRequest, seconds: float = 30) -> ApplicationError:
    with pytest.raises(ApplicationError) as failure:
        await computed(request, seconds)
    return failure.value


async def as_in_the_history(error: ApplicationError) -> str:
    """Everything of a failure that reaches Temporal: message, cause, stack trace, details."""
    failure = Failure()
    await DataConverter.default.encode_failure(error, failure)
    return json.dumps(MessageToDict(failure))


async def test_a_score_is_computed_by_the_formula_and_says_which_one() -> None:
    score = await computed(a_request(7))

    assert score == ComputedScore(a_request(7), 1401.83, "scoring.formulas.PmtScore", "1")


async def test_a_score_of_another_packages_service_is_computed(tmp_path: Path) -> None:
    with installed_services(tmp_path, {"TREE_SCORE": "return values['trees'] * 2"}):
        score = await computed(a_request(1, "TREE_SCORE", contributing_attribute_values={"trees": 21}))

    assert score.computed_score == 42.0
    assert score.formula_name.endswith(".TREE_SCORE")
    assert score.formula_version == "unversioned"


async def test_a_missing_value_is_permanent_and_names_the_attribute() -> None:
    error = await failure_of(a_request(1, "FSF_SCORE", contributing_attribute_values={"income": 1}))

    assert error.non_retryable
    assert error.type == "ScoreInputError"
    assert error.message == "household.member_count is missing; the score has no default for it"


async def test_a_score_type_that_nobody_serves_is_permanent() -> None:
    error = await failure_of(a_request(1, "NOBODY_SERVES_THIS"))

    assert error.non_retryable
    assert error.type == "ComputeServiceNotFound"


@pytest.mark.parametrize(
    "result",
    ["'high'", "None", "True", "float('nan')", "float('inf')", "10 ** 400", "[1]"],
)
async def test_i9_a_result_that_is_no_finite_number_is_permanent(tmp_path: Path, result: str) -> None:
    with installed_services(tmp_path, {"ODD_SCORE": f"return {result}"}):
        error = await failure_of(a_request(1, "ODD_SCORE"))

    assert error.non_retryable
    assert error.type == "ScoreResultError"


FAILURES = {
    "an exception": ("raise RuntimeError(values['secret'])", "RuntimeError"),
    "an exception with a cause": (
        """
        try:
            int(values['secret'])
        except ValueError as error:
            raise LookupError(f"not found: {values['secret']}") from error
        """,
        "LookupError",
    ),
    "an exception within another": (
        """
        try:
            int(values['secret'])
        except ValueError:
            raise KeyError(values['secret'])
        """,
        "KeyError",
    ),
    "an exception with notes": (
        """
        error = OSError(5, values['secret'], values['secret'])
        error.add_note(values['secret'])
        raise error
        """,
        "OSError",
    ),
    "a group of exceptions": (
        "raise ExceptionGroup(values['secret'], [ValueError(values['secret'])])",
        "ExceptionGroup",
    ),
    "a cancellation of its own": ("raise asyncio.CancelledError(values['secret'])", "CancelledError"),
}


@pytest.mark.parametrize(("body", "kind"), FAILURES.values(), ids=FAILURES.keys())
async def test_whatever_a_service_raises_is_retried_and_its_text_stays_here(
    tmp_path: Path, body: str, kind: str
) -> None:
    with installed_services(tmp_path, {"ODD_SCORE": body}):
        error = await failure_of(a_request(1, "ODD_SCORE", contributing_attribute_values={"secret": SECRET}))

    assert not error.non_retryable
    assert error.type == kind
    assert "the compute service of ODD_SCORE failed" in error.message
    assert SECRET not in await as_in_the_history(error)


async def test_the_text_of_a_permanent_failure_is_for_people(tmp_path: Path) -> None:
    body = """
        try:
            int(values['secret'])
        except ValueError as error:
            raise ScoreInputError("secret is no number", field="secret") from error
    """
    with installed_services(tmp_path, {"ODD_SCORE": body}):
        error = await failure_of(a_request(1, "ODD_SCORE", contributing_attribute_values={"secret": SECRET}))

    assert error.non_retryable
    assert error.message == "secret is no number"
    assert SECRET not in await as_in_the_history(error)


async def test_i9_a_service_that_never_answers_is_cut(tmp_path: Path) -> None:
    with installed_services(tmp_path, {"SLOW_SCORE": "await asyncio.Event().wait()"}):
        error = await failure_of(a_request(1, "SLOW_SCORE"), seconds=0.05)

    assert not error.non_retryable
    assert error.type == "TimeoutError"


async def test_a_service_cannot_change_the_request_that_is_kept_with_its_score(tmp_path: Path) -> None:
    body = "values['trees'] = 1; config['weights'] = 2; return 0"
    request = a_request(1, "ODD_SCORE", contributing_attribute_values={"trees": 21}, score_config={"weights": 1})

    with installed_services(tmp_path, {"ODD_SCORE": body}):
        score = await computed(request)

    assert score.request.contributing_attribute_values == {"trees": 21}
    assert score.request.score_config == {"weights": 1}


async def test_a_service_cannot_change_what_lies_within_the_request_either(tmp_path: Path) -> None:
    body = "values['trees'].append(1); config['weights']['trees'] = 2; return 0"
    request = a_request(1, "ODD_SCORE", contributing_attribute_values={"trees": []}, score_config={"weights": {}})

    with installed_services(tmp_path, {"ODD_SCORE": body}):
        score = await computed(request)

    assert score.request.contributing_attribute_values == {"trees": []}
    assert score.request.score_config == {"weights": {}}
