"""Names that other systems see: Temporal's ids and queues, PostgreSQL's channels. Renaming one is a migration."""

TASK_QUEUE = "steadyscore"
BATCH_TASK_QUEUE = "steadyscore-batch"
"""Of its own, so that a flood of batches takes no slot from the records' runs."""
SCORES_REQUESTED_CHANNEL = "score_requests"
SCORE_EVENTS_CHANNEL = "score_events"
"""Its payload is the id of a record a score of which became pending, was stored or failed."""


def score_record_workflow_id(register_id: str, internal_record_id: str) -> str:
    """The id of a record's ScoreRecordWorkflow."""
    return f"score-record:{register_id}:{internal_record_id}"


def score_batch_workflow_id(register_id: str, batch_id: str) -> str:
    """The id of a batch's ScoreBatchWorkflow."""
    return f"score-batch:{register_id}:{batch_id}"


def recompute_workflow_id(register_id: str, score_type: str) -> str:
    """The id of the RecomputeRegisterWorkflow of a register and score type."""
    return f"recompute:{register_id}:{score_type}"
