"""The oracle of the faults: a valid end state passes, and each kind of error that is planted in it is caught.

The end state is built through the product's own registry and store; errors are planted by SQL, behind their back.
"""

from dataclasses import replace

import pytest

from fault_runs import Run, a_settled_run
from faults.oracle import Kind, Observed, check, score_ids
from faults.oracle_watcher import Decrease
from store.database import SessionFactory


@pytest.fixture
async def run(sessions: SessionFactory, database_url: str) -> Run:
    """A load that has settled."""
    return await a_settled_run(sessions, database_url)


async def test_a_valid_end_state_gives_no_finding(run: Run) -> None:
    verdict = await check(run.url, run.acknowledged, Observed(await score_ids(run.url)))

    assert verdict.clean, str(verdict)
    assert (verdict.approvals, verdict.scores, verdict.history, verdict.failed) == (8, 6, 14, 1)
    assert (verdict.lost, verdict.wrong, verdict.double, verdict.duplicates, verdict.pending) == (0, 0, 0, 0, 0)


REGISTRY = [
    pytest.param(
        [
            "DELETE FROM record_history WHERE change_request_id = :last_change",
            "UPDATE records SET version = 4 WHERE internal_record_id = :a",
        ],
        {Kind.APPROVAL_LOST, Kind.APPROVAL_HALVED, Kind.RECORD_NOT_ITS_HISTORY},
        id="an approval without its version",
    ),
    pytest.param(
        ["UPDATE change_requests SET status = 'PENDING' WHERE change_request_id = :last_change"],
        {Kind.APPROVAL_LOST, Kind.APPROVAL_HALVED},
        id="a version whose change request is still pending",
    ),
    pytest.param(
        [
            "DELETE FROM record_history WHERE change_request_id = :last_change",
            "DELETE FROM change_requests WHERE change_request_id = :last_change",
            """UPDATE records SET version = 4, attributes = (
                SELECT attributes FROM record_history WHERE change_request_id = :touching_change)
            WHERE internal_record_id = :a""",
        ],
        {Kind.APPROVAL_LOST},
        id="an approval of which nothing is left",
    ),
    pytest.param(
        ['UPDATE change_requests SET change_payload = \'{"name": "A"}\' WHERE change_request_id = :last_change'],
        {Kind.APPROVAL_LOST, Kind.RECORD_NOT_ITS_HISTORY},
        id="another change than was asked for",
    ),
    pytest.param(
        [
            """INSERT INTO record_history (internal_record_id, version, attributes, change_request_id)
            SELECT internal_record_id, 6, attributes, change_request_id FROM record_history
            WHERE change_request_id = :last_change""",
            "UPDATE records SET version = 6 WHERE internal_record_id = :a",
        ],
        {Kind.APPROVAL_TWICE},
        id="an approval that was applied twice",
    ),
    pytest.param(
        ["UPDATE record_history SET internal_record_id = :b, version = 3 WHERE change_request_id = :last_change"],
        {Kind.APPROVAL_LOST, Kind.APPROVAL_HALVED, Kind.RECORD_NOT_ITS_HISTORY},
        id="a version of another record",
    ),
    pytest.param(
        ['UPDATE records SET attributes = attributes || \'{"phone": "1"}\' WHERE internal_record_id = :a'],
        {Kind.RECORD_NOT_ITS_HISTORY},
        id="a record that is not its last version",
    ),
    pytest.param(
        ['UPDATE record_history SET attributes = attributes || \'{"phone": "2"}\' WHERE version = 3'],
        {Kind.RECORD_NOT_ITS_HISTORY},
        id="a version that its change does not lead to",
    ),
    pytest.param(
        ["UPDATE records SET version = 6 WHERE internal_record_id = :a"],
        {Kind.RECORD_NOT_ITS_HISTORY},
        id="a gap in the versions",
    ),
]

REQUESTS = [
    pytest.param(
        [
            "DELETE FROM g2p_score_compute_queue WHERE internal_record_id = :a AND score_type = 'PMT_SCORE'",
            "DELETE FROM g2p_register_scores WHERE internal_record_id = :a AND score_type = 'PMT_SCORE'",
            "DELETE FROM g2p_register_score_history WHERE internal_record_id = :a AND score_type = 'PMT_SCORE'",
        ],
        {Kind.TRIGGER_LOST},
        id="no request at all",
    ),
    pytest.param(
        [
            "DELETE FROM g2p_register_score_history WHERE triggered_by_cr_id = :touching_change",
            """UPDATE g2p_register_scores AS score
            SET (triggered_by_cr_id, sequence, computed_score) = (
                SELECT triggered_by_cr_id, sequence, computed_score FROM g2p_register_score_history AS past
                WHERE past.internal_record_id = :a AND past.score_type = score.score_type
                ORDER BY sequence DESC LIMIT 1)
            WHERE internal_record_id = :a""",
            """UPDATE g2p_score_compute_queue AS request
            SET (change_request_id, reason, sequence, computed_sequence, contributing_attribute_values) = (
                SELECT triggered_by_cr_id, 'APPROVAL', sequence, sequence, contributing_attribute_values
                FROM g2p_register_score_history AS past
                WHERE past.internal_record_id = :a AND past.score_type = request.score_type
                ORDER BY sequence DESC LIMIT 1)
            WHERE internal_record_id = :a""",
        ],
        {Kind.TRIGGER_LOST, Kind.REQUEST_OUTDATED, Kind.SCORE_WRONG},
        id="an approval that left no trace in the scores",
    ),
    pytest.param(
        [
            """UPDATE g2p_score_compute_queue SET change_request_id = :last_change
            WHERE change_request_id = :touching_change"""
        ],
        {Kind.TRIGGER_LOST, Kind.SCORE_LOST},
        id="a request of a change that does not touch it",
    ),
    pytest.param(
        ["DELETE FROM g2p_score_recomputations"],
        {Kind.TRIGGER_LOST, Kind.HISTORY_UNAPPROVED},
        id="a recomputation that nobody asked for",
    ),
    pytest.param(
        ["UPDATE g2p_score_recomputations SET score_type = 'FSF_SCORE'"],
        {Kind.TRIGGER_LOST},
        id="a recomputation of another score type",
    ),
    pytest.param(
        [
            """UPDATE g2p_score_compute_queue
            SET contributing_attribute_values = contributing_attribute_values || '{"income": 1}'
            WHERE change_request_id = :touching_change"""
        ],
        {Kind.REQUEST_OUTDATED},
        id="a request with another value",
    ),
    pytest.param(
        [
            """UPDATE g2p_score_compute_queue
            SET contributing_attribute_values = contributing_attribute_values - 'household.member_count'
            WHERE change_request_id = :touching_change"""
        ],
        {Kind.REQUEST_OUTDATED},
        id="a request that lacks a value",
    ),
    pytest.param(
        ["UPDATE g2p_score_compute_queue SET sequence = sequence - 1 WHERE change_request_id = :touching_change"],
        {Kind.REQUEST_OUTDATED, Kind.SCORE_LOST},
        id="more computed than asked for",
    ),
    pytest.param(
        ["UPDATE g2p_score_compute_queue SET compute_status = 'PENDING' WHERE internal_record_id = :a"],
        {Kind.NOT_SETTLED},
        id="pending",
    ),
    pytest.param(
        ["UPDATE g2p_score_compute_queue SET compute_status = 'PROCESSING' WHERE internal_record_id = :a"],
        {Kind.NOT_SETTLED},
        id="processing",
    ),
    pytest.param(
        ["UPDATE g2p_score_compute_queue SET on_record_road = true WHERE compute_status = 'FAILED'"],
        {Kind.NOT_SETTLED},
        id="failed, and on the record road",
    ),
    pytest.param(
        ["UPDATE g2p_score_compute_queue SET batch_id = 'batch' WHERE internal_record_id = :a"],
        {Kind.NOT_SETTLED},
        id="completed, and in a batch",
    ),
    pytest.param(
        ["UPDATE g2p_score_compute_queue SET compute_latest_error_code = NULL WHERE compute_status = 'FAILED'"],
        {Kind.FAILED_WITHOUT_REASON},
        id="failed without a code",
    ),
    pytest.param(
        ["UPDATE g2p_score_compute_queue SET compute_latest_error_message = ' ' WHERE compute_status = 'FAILED'"],
        {Kind.FAILED_WITHOUT_REASON},
        id="failed with nothing for a message",
    ),
    pytest.param(
        ["UPDATE g2p_score_recomputations SET status = 'FAILED'"],
        {Kind.FAILED_WITHOUT_REASON, Kind.RECOMPUTATION_LOST},
        id="a recomputation that failed, nobody knows why",
    ),
]

HISTORY_OF_THE_FIRST_CHANGE = (
    """CREATE TEMP TABLE again ON COMMIT DROP AS
    SELECT * FROM g2p_register_score_history WHERE triggered_by_cr_id = :first_change""",
    "UPDATE again SET history_id = gen_random_uuid()",
)

SCORES = [
    pytest.param(
        ["DELETE FROM g2p_register_scores WHERE internal_record_id = :a"],
        {Kind.SCORE_LOST, Kind.HISTORY_MISSING},
        id="no score",
    ),
    pytest.param(
        [
            """UPDATE g2p_register_scores AS score SET (computed_score, sequence, triggered_by_cr_id) = (
                SELECT computed_score, sequence, triggered_by_cr_id FROM g2p_register_score_history AS past
                WHERE past.triggered_by_cr_id = :first_change AND past.score_type = score.score_type)
            WHERE internal_record_id = :a"""
        ],
        {Kind.SCORE_LOST, Kind.SCORE_WRONG, Kind.HISTORY_MISSING},
        id="an older score",
    ),
    pytest.param(
        [
            "UPDATE g2p_register_scores SET computed_score = 0",
            "UPDATE g2p_register_score_history SET computed_score = 0",
        ],
        {Kind.SCORE_WRONG, Kind.HISTORY_WRONG},
        id="another number everywhere",
    ),
    pytest.param(
        ["UPDATE g2p_register_scores SET computed_score = 'NaN'"],
        {Kind.SCORE_WRONG, Kind.HISTORY_MISSING},
        id="a score that is no number",
    ),
    pytest.param(
        ["UPDATE g2p_register_scores SET computed_score = computed_score + 2.3e-13 WHERE internal_record_id = :a"],
        {Kind.SCORE_WRONG, Kind.HISTORY_MISSING},
        id="the next double",
    ),
    pytest.param(
        ["UPDATE g2p_score_compute_queue SET compute_status = 'COMPLETED' WHERE internal_record_id = :b"],
        {Kind.SCORE_LOST, Kind.SCORE_WRONG},
        id="completed where the formula has no number",
    ),
    pytest.param(
        [
            """UPDATE g2p_score_compute_queue SET
                compute_status = 'FAILED', compute_latest_error_code = 'X', compute_latest_error_message = 'x'
            WHERE internal_record_id = :a"""
        ],
        {Kind.FAILED_NEEDLESSLY},
        id="failed where the formula has a number",
    ),
    pytest.param(
        ["DELETE FROM g2p_register_score_history WHERE triggered_by_cr_id = :touching_change"],
        {Kind.HISTORY_MISSING},
        id="no row of the last sequence",
    ),
    pytest.param(
        [
            """ALTER TABLE g2p_register_score_history
            DROP CONSTRAINT uq_g2p_register_score_history_record_type_sequence""",
            *HISTORY_OF_THE_FIRST_CHANGE,
            "INSERT INTO g2p_register_score_history SELECT * FROM again",
        ],
        {Kind.HISTORY_DOUBLE},
        id="two rows of one sequence",
    ),
    pytest.param(
        [
            *HISTORY_OF_THE_FIRST_CHANGE,
            "UPDATE again SET sequence = 0",
            "INSERT INTO g2p_register_score_history SELECT * FROM again",
        ],
        {Kind.COMPUTED_TWICE},
        id="one approval under two sequences",
    ),
    pytest.param(
        [
            """UPDATE g2p_register_score_history SET computed_score = computed_score + 2.3e-13
            WHERE triggered_by_cr_id = :first_change AND score_type = 'PMT_SCORE'"""
        ],
        {Kind.HISTORY_WRONG},
        id="a row of the history with the next double",
    ),
    pytest.param(
        [
            """UPDATE g2p_register_score_history SET score_config = '{"weights": {"income": 0.5}}'
            WHERE triggered_by_cr_id = :first_change"""
        ],
        {Kind.HISTORY_WRONG},
        id="a row of the history with another config",
    ),
    pytest.param(
        [
            """UPDATE g2p_register_score_history SET triggered_by_cr_id = 'CR-NOBODY'
            WHERE triggered_by_cr_id = :first_change"""
        ],
        {Kind.HISTORY_UNAPPROVED},
        id="a row of a change request that there is not",
    ),
    pytest.param(
        [
            """UPDATE g2p_register_score_history SET computed_score = 1,
                contributing_attribute_values = '{"income": 0, "household.member_count": 0.125}'
            WHERE triggered_by_cr_id = :first_change AND score_type = 'FSF_SCORE'"""
        ],
        {Kind.HISTORY_UNAPPROVED},
        id="a row of values that were never approved",
    ),
    pytest.param(
        [
            """UPDATE g2p_register_score_history SET sequence = -sequence
            WHERE internal_record_id = :a AND triggered_by_cr_id <> :touching_change"""
        ],
        {Kind.SEQUENCE_FELL},
        id="sequences against the order of approvals",
    ),
]


@pytest.mark.parametrize(("statements", "found"), [*REGISTRY, *REQUESTS, *SCORES])
async def test_a_planted_error_is_caught(run: Run, statements: list[str], found: set[Kind]) -> None:
    await run.plant(*statements)

    assert await run.kinds() == found


async def test_an_acknowledgement_of_another_record_is_a_lost_approval(run: Run) -> None:
    run.acknowledged[-1] = replace(run.acknowledged[-1], internal_record_id=run.named["b"])

    assert await run.kinds() == {Kind.APPROVAL_LOST}


async def test_an_approval_that_nobody_was_told_of_is_judged_like_the_others(run: Run) -> None:
    run.acknowledged.clear()
    before = await run.kinds()

    await run.plant("DELETE FROM record_history WHERE change_request_id = :last_change")

    assert before == set()
    assert Kind.APPROVAL_HALVED in await run.kinds()


@pytest.mark.parametrize("status", ["RUNNING", "PAUSED", "FAILED", "CANCELLED"])
async def test_a_recomputation_that_did_not_complete_is_caught(run: Run, status: str) -> None:
    run.named["status"] = status
    await run.plant("UPDATE g2p_score_recomputations SET status = :status, reason = 'x'")

    assert await run.kinds() == {Kind.NOT_SETTLED if status in {"RUNNING", "PAUSED"} else Kind.RECOMPUTATION_LOST}


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(
            "UPDATE g2p_register_scores SET score_id = 'x' WHERE triggered_by_cr_id = :touching_change "
            "AND score_type = 'PMT_SCORE'",
            id="another id",
        ),
        pytest.param("DELETE FROM g2p_register_scores WHERE internal_record_id = :a", id="a score that is gone"),
    ],
)
async def test_a_score_that_changed_its_id_is_caught(run: Run, statement: str) -> None:
    observed = Observed(await score_ids(run.url))

    await run.plant(statement)

    assert Kind.SCORE_ID_CHANGED in await run.kinds(observed)


async def test_a_decrease_that_was_seen_is_found(run: Run) -> None:
    decrease = Decrease("A", "PMT_SCORE", before=3, after=2)

    assert await run.kinds(Observed(decreases=[decrease])) == {Kind.SCORE_WENT_BACK}


async def test_a_score_type_that_the_oracle_does_not_know_is_not_judged(run: Run) -> None:
    await run.plant("UPDATE g2p_score_compute_queue SET score_type = 'LUCK_SCORE' WHERE compute_status = 'FAILED'")

    with pytest.raises(LookupError, match="LUCK_SCORE"):
        await run.kinds()


async def test_a_definition_that_changed_since_does_not_make_what_was_computed_before_wrong(run: Run) -> None:
    await run.plant(
        """UPDATE g2p_register_score_definitions SET version = 2, contributing_attributes = '["income"]'
        WHERE score_type = 'PMT_SCORE'"""
    )

    assert await run.kinds() == set()


async def test_a_clock_that_was_put_back_hides_no_lost_trigger(run: Run) -> None:
    await run.plant(
        "UPDATE record_history SET created_at = created_at - interval '1 hour' WHERE version > 1",
        "DELETE FROM g2p_score_compute_queue WHERE internal_record_id = :a",
    )

    assert Kind.TRIGGER_LOST in await run.kinds()
