"""How much one message holds: no more than Temporal takes, and nothing is lost or reordered on the way."""

import json
from dataclasses import asdict
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from objects import a_request
from scoring.messages import (
    MAX_MESSAGE_BYTES,
    MAX_REQUEST_BYTES,
    ComputedScore,
    ScoreRequest,
    ScoresRequested,
    in_messages,
    read_signal,
    size_of,
)

EMPTY = size_of(a_request(score_config={"text": ""}))


def of_size(size: int, sequence: int = 1) -> ScoreRequest:
    """A request of so many bytes."""
    return a_request(sequence, score_config={"text": "x" * (size - EMPTY)})


@settings(max_examples=30)
@given(st.lists(st.integers(EMPTY, MAX_MESSAGE_BYTES + 1000), max_size=9))
def test_requests_are_put_into_few_messages_in_their_order(sizes: list[int]) -> None:
    groups = in_messages([of_size(size) for size in sizes], lambda request: request)

    grouped = [[size_of(request) for request in group] for group in groups]
    assert [size for group in grouped for size in group] == sizes
    assert all(sum(group) <= MAX_MESSAGE_BYTES or len(group) == 1 for group in grouped)
    assert all(sum(group) + following[0] > MAX_MESSAGE_BYTES for group, following in pairwise(grouped))


def test_what_scores_are_made_of_counts_as_well() -> None:
    scores = [ComputedScore(a_request(sequence), 1.0, "f", "1", {"words": "x" * 9_900}) for sequence in range(1, 301)]

    groups = in_messages(scores, lambda score: score.request)

    assert [score for group in groups for score in group] == scores
    assert all(len(json.dumps([asdict(score) for score in group])) < 2_000_000 for group in groups)
    assert len(groups) == 4


@pytest.mark.parametrize(
    ("size", "read"),
    [
        pytest.param(MAX_REQUEST_BYTES, True, id="as large as may be"),
        pytest.param(MAX_REQUEST_BYTES + 1, False, id="one byte more"),
    ],
)
def test_i9_a_request_that_no_message_could_carry_on_is_left_out(size: int, *, read: bool) -> None:
    large = of_size(size)
    message = asdict(ScoresRequested([large, a_request(2)]))

    assert size_of(large) == size
    assert read_signal(message) == ([large, a_request(2)] if read else [a_request(2)])


def test_i9_a_message_larger_than_the_relay_sends_is_left_out_whole() -> None:
    message = {"requests": [asdict(a_request()), *[0] * 900_000]}

    assert read_signal(message) == []


def test_a_full_message_of_small_requests_is_read() -> None:
    small = [of_size(EMPTY + 1, sequence) for sequence in range(1, 10)]
    [full, *_] = in_messages(small * (MAX_MESSAGE_BYTES // (9 * EMPTY)), lambda request: request)

    assert read_signal(asdict(ScoresRequested(full))) == full
