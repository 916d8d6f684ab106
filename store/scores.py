"""Scores and their history: written here and nowhere else."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB

from scoring.batch_messages import ComputedBatch, ScoresOfBatch
from scoring.errors import ScoreNotFound
from scoring.json_values import storable_text
from scoring.messages import ComputedScore, FailedScore, ScoreOutcomes
from store.database import Session
from store.notifications import notify_of_records
from store.tables import G2PRegisterScoreHistory

# One statement, hence one snapshot and one order of locks: requests first, by (record, score type), as approvals do.
# `asked_for` keeps out what nobody asked for: a signal by hand with a sequence of the far future, a run by hand that
# names another register and so another write-back. `newer` is the guard: a repeat or an older result updates no score,
# and the history follows the score. Both roads end in it.
_STORE = f"""
, newer AS (
    INSERT INTO g2p_register_scores AS score (
        register_id, internal_record_id, score_type, score_definition_id, triggered_by_cr_id,
        triggered_by_submission_id, computed_score, computed_at, sequence, definition_version)
    SELECT register_id, internal_record_id, score_type, score_definition_id, change_request_id,
        submission_id, computed_score, clock_timestamp(), sequence, definition_version
    FROM asked_for ORDER BY internal_record_id, score_type
    ON CONFLICT ON CONSTRAINT uq_g2p_register_scores_record_type DO UPDATE SET
        register_id = excluded.register_id, score_definition_id = excluded.score_definition_id,
        triggered_by_cr_id = excluded.triggered_by_cr_id,
        triggered_by_submission_id = excluded.triggered_by_submission_id, computed_score = excluded.computed_score,
        computed_at = excluded.computed_at, sequence = excluded.sequence,
        definition_version = excluded.definition_version
    WHERE score.sequence < excluded.sequence
    RETURNING score.*
), appended AS (
    INSERT INTO g2p_register_score_history (
        register_id, internal_record_id, score_type, score_definition_id, triggered_by_cr_id,
        triggered_by_submission_id, computed_score, computed_at, sequence, definition_version,
        contributing_attribute_values, score_config, formula_name, formula_version, breakdown)
    SELECT newer.register_id, newer.internal_record_id, newer.score_type, newer.score_definition_id,
        newer.triggered_by_cr_id, newer.triggered_by_submission_id, newer.computed_score, newer.computed_at,
        newer.sequence, newer.definition_version,
        asked_for.contributing_attribute_values, asked_for.score_config, formula_name, formula_version, breakdown
    FROM newer JOIN asked_for USING (internal_record_id, score_type)
    ON CONFLICT ON CONSTRAINT uq_g2p_register_score_history_record_type_sequence DO NOTHING
), settled AS (
    UPDATE g2p_score_compute_queue AS request SET
        computed_sequence = greatest(request.computed_sequence, asked_for.sequence),
        compute_latest_timestamp = clock_timestamp(),
        processing_since = CASE WHEN request.compute_status IN ('PENDING', 'PROCESSING')
            AND request.signaled_sequence > asked_for.sequence THEN clock_timestamp() END,
        -- a newer request that waits begins its window now, here as in its run (PendingScores.stored)
        (pending_since, due_at) = (
            SELECT clock_timestamp(),
                clock_timestamp() + make_interval(secs => (request.debounce ->> 'quiet_period')::float8)
            WHERE asked_for.sequence < request.sequence AND request.computed_sequence < asked_for.sequence
            UNION ALL
            SELECT request.pending_since, request.due_at
            WHERE asked_for.sequence = request.sequence OR request.computed_sequence >= asked_for.sequence),
        (compute_status, compute_latest_error_code, compute_latest_error_message,
        on_record_road, batch_id, batch_failed) = (
            SELECT 'COMPLETED', NULL, NULL, false, NULL, false WHERE request.sequence = asked_for.sequence
            UNION ALL
            SELECT request.compute_status, request.compute_latest_error_code, request.compute_latest_error_message,
                request.on_record_road, request.batch_id, request.batch_failed
            WHERE request.sequence <> asked_for.sequence)
    FROM asked_for WHERE request.queue_id = asked_for.queue_id
    RETURNING request.internal_record_id
)
{notify_of_records("settled")}
"""

# The record road brings the snapshot with it: an older one is still a state that was approved.
_SAVE_COMPUTED = text(
    """
WITH computed AS (
    SELECT * FROM jsonb_to_recordset(:computed) AS computed(
        score_type text, sequence bigint, change_request_id text, submission_id text, score_definition_id text,
        definition_version integer,
        computed_score double precision, contributing_attribute_values jsonb, score_config jsonb,
        formula_name text, formula_version text, breakdown jsonb)
), asked_for AS (
    SELECT computed.*, queue_id, request.register_id, request.internal_record_id
    FROM g2p_score_compute_queue AS request JOIN computed USING (score_type)
    WHERE request.internal_record_id = :internal_record_id AND request.register_id = :register_id
        AND computed.sequence <= request.sequence
    ORDER BY score_type FOR UPDATE OF request
)"""
    + _STORE
).bindparams(bindparam("computed", type_=JSONB))

# The batch road brings numbers only: the rest is in the rows, and a row that is newer by now is not in the batch.
_SAVE_BATCH = text(
    """
WITH computed AS (
    SELECT * FROM unnest(
        cast(:sequences AS bigint[]), cast(:scores AS double precision[]),
        cast(:formula_names AS text[]), cast(:formula_versions AS text[]), cast(:breakdowns AS text[])
    ) AS computed(sequence, computed_score, formula_name, formula_version, breakdown)
), asked_for AS (
    SELECT request.*, computed_score, formula_name, formula_version, cast(breakdown AS jsonb) AS breakdown
    FROM g2p_score_compute_queue AS request JOIN computed USING (sequence)
    WHERE request.batch_id = :batch_id AND request.register_id = :register_id
    ORDER BY internal_record_id, score_type FOR UPDATE OF request
)"""
    + _STORE
)

_SAVE_FAILED = text(f"""
WITH failed AS (
    SELECT * FROM jsonb_to_recordset(:failed) AS failed(score_type text, sequence bigint, error_code text, message text)
), asked_for AS (
    SELECT failed.*, queue_id FROM g2p_score_compute_queue AS request JOIN failed USING (score_type)
    WHERE request.internal_record_id = :internal_record_id AND request.register_id = :register_id
        AND failed.sequence = request.sequence AND request.computed_sequence < request.sequence
    ORDER BY score_type FOR UPDATE OF request
), settled AS (
    UPDATE g2p_score_compute_queue AS request SET
        compute_status = 'FAILED', compute_latest_error_code = error_code, compute_latest_error_message = message,
        compute_latest_timestamp = clock_timestamp(), on_record_road = false, batch_failed = false,
        batch_id = NULL, processing_since = NULL
    FROM asked_for WHERE request.queue_id = asked_for.queue_id
    RETURNING request.internal_record_id
)
{notify_of_records("settled")}
""").bindparams(bindparam("failed", type_=JSONB))


async def save_outcomes(session: Session, outcomes: ScoreOutcomes) -> None:
    """Store scores with their history and settle the requests; repeating it changes nothing.

    A score is stored only over an older one, with one history row a sequence. A request is settled (COMPLETED or
    FAILED) only by its latest sequence; a newer approval stays pending. What nobody asked for is not stored.
    """
    record = {"register_id": outcomes.register_id, "internal_record_id": outcomes.internal_record_id}
    if outcomes.computed:
        computed = [_computed_row(one) for one in outcomes.computed]
        await session.execute(_SAVE_COMPUTED, record | {"computed": computed})
    if outcomes.failed:
        await session.execute(_SAVE_FAILED, record | {"failed": [_failed_row(one) for one in outcomes.failed]})


async def save_computed_batch(session: Session, batch: ComputedBatch) -> None:
    """Store the scores of a batch with their history and settle their requests; repeating it changes nothing.

    What is no longer in the batch, as a newer approval took it out, is skipped.
    """
    parts = batch.computed
    parameters = {
        "batch_id": batch.batch_id,
        "register_id": batch.register_id,
        "sequences": [sequence for part in parts for sequence in part.sequences],
        "scores": [score for part in parts for score in part.scores],
        "formula_names": [part.formula_name for part in parts for _ in part.sequences],
        "formula_versions": [part.formula_version for part in parts for _ in part.sequences],
        "breakdowns": [breakdown for part in parts for breakdown in _breakdowns(part)],
    }
    await session.execute(_SAVE_BATCH, parameters)


def _breakdowns(part: ScoresOfBatch) -> list[str | None]:
    """One for each sequence, as JSON."""
    told = part.breakdowns or [None] * len(part.sequences)
    return [None if one is None else json.dumps(one) for one in told]


def _computed_row(computed: ComputedScore) -> Mapping[str, Any]:
    request = computed.request
    return {
        "score_type": request.score_type,
        "sequence": request.sequence,
        "change_request_id": request.change_request_id,
        "submission_id": request.submission_id,
        "score_definition_id": request.score_definition_id,
        "definition_version": request.definition_version,
        "computed_score": computed.computed_score,
        "contributing_attribute_values": request.contributing_attribute_values,
        "score_config": request.score_config,
        "formula_name": computed.formula_name,
        "formula_version": computed.formula_version,
        "breakdown": computed.breakdown,
    }


def _failed_row(failed: FailedScore) -> Mapping[str, Any]:
    request = failed.request
    return {
        "score_type": request.score_type,
        "sequence": request.sequence,
        "error_code": storable_text(failed.error_code),
        "message": storable_text(failed.reason),
    }


async def list_history(
    session: Session, internal_record_id: str, score_type: str, limit: int | None = None, before: int | None = None
) -> list[G2PRegisterScoreHistory]:
    """The scores of a record and score type, newest first: all, or at most so many, or those before a sequence."""
    statement = _history(internal_record_id, score_type).limit(limit)
    if before is not None:
        statement = statement.where(G2PRegisterScoreHistory.sequence < before)
    return list(await session.scalars(statement))


async def get_past_score(
    session: Session, internal_record_id: str, score_type: str, sequence: int | None = None
) -> G2PRegisterScoreHistory:
    """The score with this sequence, or the latest; raise ScoreNotFound when there is none."""
    statement = _history(internal_record_id, score_type).limit(1)
    if sequence is not None:
        statement = statement.where(G2PRegisterScoreHistory.sequence == sequence)
    row = (await session.scalars(statement)).one_or_none()
    if row is None:
        which = "" if sequence is None else f" with the sequence {sequence}"
        raise ScoreNotFound(
            f"the record has no {score_type}{which}; get_score_history lists what it has",
            field="score_type" if sequence is None else "sequence",
        )
    return row


def _history(internal_record_id: str, score_type: str) -> Select[G2PRegisterScoreHistory]:
    history = G2PRegisterScoreHistory
    of_type = history.internal_record_id == internal_record_id, history.score_type == score_type
    return select(history).where(*of_type).order_by(history.sequence.desc())
