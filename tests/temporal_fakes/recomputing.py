"""A register that is recomputed for real: what tests of its run look at and wait for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from recompute_registers import Recomputed
from scoring.names import TASK_QUEUE, recompute_workflow_id
from scoring.recompute_messages import RecomputationProgress, RecomputationStatus, RegisterRecomputation
from steadyscore.run_worker import working
from steadyscore.settings import Settings
from store.recomputations import control_recomputation
from temporal_fakes.registered import until
from temporal_fakes.runs import counted
from workflows.recompute_register import RecomputeRegisterWorkflow


@dataclass(frozen=True)
class Recomputing:
    """A register and its runs; a worker comes when a test asks for one."""

    register: Recomputed
    client: Client

    @property
    def run(self) -> WorkflowHandle[Any, Any]:
        """The latest run."""
        return self.client.get_workflow_handle(recompute_workflow_id(self.register.register_id, "PMT_SCORE"))

    @asynccontextmanager
    async def worker(self, **settings: Any) -> AsyncIterator[None]:
        """A worker with pages of 50 where nothing else is said."""
        chosen: dict[str, Any] = {"recompute_page_size": 50, "worker_graceful_shutdown": 0.1} | settings
        async with working(self.client, self.register.sessions, Settings(_env_file=None, **chosen)):
            yield

    async def ask_unheard(self, **wanted: Any) -> str:
        """Ask for a recomputation that no relay starts."""
        async with self.register.sessions.begin() as session:
            asked = (await self.register.asked_in(session, **wanted)).recomputation_id
            await self.register.execute_in(session, "UPDATE g2p_score_recomputations SET start_after = NULL")
        return asked

    async def start(self, steps_a_run: int = 100) -> WorkflowHandle[Any, Any]:
        """Start a run by hand; its first run."""
        handle = await self.client.start_workflow(
            RecomputeRegisterWorkflow.run,
            RegisterRecomputation(self.register.register_id, "PMT_SCORE", steps_a_run=steps_a_run),
            id=recompute_workflow_id(self.register.register_id, "PMT_SCORE"),
            task_queue=TASK_QUEUE,
        )
        return self.client.get_workflow_handle(handle.id, run_id=handle.first_execution_run_id)

    async def until_status(self, recomputation_id: str, status: RecomputationStatus) -> RecomputationProgress:
        """Wait until the table says so."""

        async def says_so() -> bool:
            return (await self.register.progress(recomputation_id)).status == status

        await until(says_so)
        return await self.register.progress(recomputation_id)

    async def until_looked_at(self, recomputation_id: str, records: int) -> None:
        """Wait until so many were looked at."""

        async def were() -> bool:
            return (await self.register.progress(recomputation_id)).looked_at >= records

        await until(were)

    async def until_run_is(self, status: WorkflowExecutionStatus) -> None:
        """Wait until the latest run is so."""

        async def is_so() -> bool:
            try:
                return (await self.run.describe()).status is status
            except RPCError:
                return False  # no run yet

        await until(is_so)

    async def control(self, recomputation_id: str, status: RecomputationStatus) -> None:
        """As people do over HTTP or the command line."""
        async with self.register.sessions.begin() as session:
            await control_recomputation(session, recomputation_id, status)

    async def events(self) -> dict[str, int]:
        """How many events of each kind the latest run's history has."""
        return dict(counted((await self.run.fetch_history()).events))
