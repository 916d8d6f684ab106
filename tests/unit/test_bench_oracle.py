"""The benchmark's judge: each kind of error is planted and seen caught; what is right is let through."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bench.approvals import Approval, ApprovalSource
from bench.contenders.scores import FORMULAS, FSF_WEIGHTS, PMT_WEIGHTS
from bench.oracle import Findings, StoredScore, Verdict, exact_scores, judge
from scoring.attributes import snapshot
from scoring.formulas import FsfScore, PmtScore

CLEAN = Verdict(lost=0, wrong=0, double=0)
RECORD = "bench-000001"


def three_approvals_of_one_record() -> Sequence[Approval]:
    return list(ApprovalSource(seed=7).uniform(count=3, records=1))


def scores_of(approval: Approval) -> list[StoredScore]:
    return [
        StoredScore(approval.record_id, score_type, approval.change_request_id, compute(approval.attributes))
        for score_type, compute in FORMULAS.items()
    ]


def found(last: Approval, scores: Sequence[StoredScore], history: Sequence[StoredScore]) -> Findings:
    return Findings({last.record_id: (last.change_request_id, last.attributes)}, scores, history)


def test_the_last_state_scored_once_is_clean() -> None:
    approvals = three_approvals_of_one_record()
    scores = scores_of(approvals[-1])

    assert judge(approvals, found(approvals[-1], scores, scores)) == CLEAN


def test_an_earlier_state_in_the_history_is_clean() -> None:
    approvals = three_approvals_of_one_record()
    scores = scores_of(approvals[-1])

    assert judge(approvals, found(approvals[-1], scores, scores_of(approvals[0]) + scores)) == CLEAN


def test_the_order_of_commits_decides_what_is_last() -> None:
    approvals = three_approvals_of_one_record()
    scores = scores_of(approvals[1])

    assert judge(approvals, found(approvals[1], scores, scores)) == CLEAN


def test_a_missing_score_is_lost() -> None:
    approvals = three_approvals_of_one_record()
    scores = scores_of(approvals[-1])[:1]

    assert judge(approvals, found(approvals[-1], scores, scores)) == replace(CLEAN, lost=1)


def test_a_score_of_an_older_state_is_lost() -> None:
    approvals = three_approvals_of_one_record()
    older, last = scores_of(approvals[0]), scores_of(approvals[-1])

    assert judge(approvals, found(approvals[-1], [older[0], last[1]], older + last)) == replace(CLEAN, lost=1)


@pytest.mark.parametrize("number", [0.0, 1e300, math.nan, math.inf], ids=["zero", "huge", "no number", "infinite"])
def test_another_number_than_the_formulas_is_wrong(number: float) -> None:
    approvals = three_approvals_of_one_record()
    right = scores_of(approvals[-1])
    scores = [right[0]._replace(score=number), right[1]]

    assert judge(approvals, found(approvals[-1], scores, right)) == replace(CLEAN, wrong=1)


def test_the_number_of_another_state_is_wrong() -> None:
    approvals = three_approvals_of_one_record()
    right, older = scores_of(approvals[-1]), scores_of(approvals[0])
    scores = [right[0]._replace(score=older[0].score), right[1]]

    assert judge(approvals, found(approvals[-1], scores, right)) == replace(CLEAN, wrong=1)


@pytest.mark.parametrize(
    "planted",
    [
        pytest.param(StoredScore(RECORD, "PMT_SCORE", "CR-0000001", -1.0), id="another number"),
        pytest.param(StoredScore(RECORD, "PMT_SCORE", "CR-9999999", 1.0), id="a change request nobody approved"),
        pytest.param(StoredScore(RECORD, "NO_SCORE", "CR-0000001", 1.0), id="a score type that is not"),
    ],
)
def test_a_wrong_row_of_the_history_is_wrong(planted: StoredScore) -> None:
    approvals = three_approvals_of_one_record()
    scores = scores_of(approvals[-1])

    assert judge(approvals, found(approvals[-1], scores, [*scores, planted])) == replace(CLEAN, wrong=1)


def test_a_state_computed_three_times_is_double_twice() -> None:
    approvals = three_approvals_of_one_record()
    scores = scores_of(approvals[-1])
    history = [*scores, scores[0], scores[0]]

    assert judge(approvals, found(approvals[-1], scores, history)) == replace(CLEAN, double=2)


def test_attributes_that_nobody_approved_are_wrong() -> None:
    approvals = three_approvals_of_one_record()
    tampered = replace(approvals[-1], attributes={**approvals[-1].attributes, "income": 1})
    scores = scores_of(tampered)

    verdict = judge(approvals, found(tampered, scores, []))

    assert verdict == replace(CLEAN, wrong=2)
    assert not verdict.clean


async def test_the_judge_the_peers_and_the_project_agree_on_the_formulas() -> None:
    for approval in ApprovalSource(seed=3).uniform(count=200, records=50):
        ours = {
            "PMT_SCORE": await PmtScore().compute_score(
                "", snapshot(approval.attributes, list(PmtScore.terms)), {"weights": {**PMT_WEIGHTS}}
            ),
            "FSF_SCORE": await FsfScore().compute_score(
                "", snapshot(approval.attributes, list(FSF_WEIGHTS)), {"weights": {**FSF_WEIGHTS}}
            ),
        }
        peers = {score_type: compute(approval.attributes) for score_type, compute in FORMULAS.items()}
        exact = {score_type: float(score) for score_type, score in exact_scores(approval.attributes).items()}

        assert peers == pytest.approx(exact, abs=1e-9)
        assert ours == pytest.approx(exact, abs=1e-9)
