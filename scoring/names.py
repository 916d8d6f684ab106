"""Names that other systems see: Temporal's ids and queues, PostgreSQL's channels. Renaming one is a migration."""

TASK_QUEUE = "steadyscore"
SCORES_REQUESTED_CHANNEL = "score_requests"


def score_record_workflow_id(register_id: str, internal_record_id: str) -> str:
    """The id of a record's ScoreRecordWorkflow."""
    return f"score-record:{register_id}:{internal_record_id}"
