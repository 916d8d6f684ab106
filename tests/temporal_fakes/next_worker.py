"""A worker process of a version whose workflows differ: `python -m temporal_fakes.next_worker`."""

import asyncio
import os

from scoring.names import BATCH_TASK_QUEUE, TASK_QUEUE
from steadyscore.run_worker import Workflows, run_worker
from steadyscore.settings import read_settings
from temporal_fakes.changed_workflow import NextBatchWorkflow, NextRecomputeWorkflow, NextRecordWorkflow

WORKFLOWS: Workflows = {
    TASK_QUEUE: [NextRecordWorkflow, NextRecomputeWorkflow],
    BATCH_TASK_QUEUE: [NextBatchWorkflow],
}

if __name__ == "__main__":
    asyncio.run(run_worker(read_settings(), workflows=WORKFLOWS))
    os._exit(0)  # Temporal's native code can crash an interpreter that takes its time to end
