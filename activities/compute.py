"""Computing one score."""

from copy import deepcopy

from temporalio import activity

from activities.services import Computation, ServiceRunner
from scoring.messages import ComputedScore, ScoreToCompute


class ComputeActivities:
    """Runs compute services; writes nothing, so a repeat is harmless."""

    def __init__(self, services: ServiceRunner) -> None:
        self._services = services

    @activity.defn(name="compute_score")
    async def compute_score(self, task: ScoreToCompute) -> ComputedScore:
        """Return a finite score of the snapshot in the request; fail for good where no retry can help."""
        request = task.request
        computation = Computation(
            request.score_type,
            task.internal_record_id,
            deepcopy(request.contributing_attribute_values),
            deepcopy(request.score_config),
        )
        computed = await self._services.run(computation, task.timeout)
        return ComputedScore(
            request, computed.score, computed.formula_name, computed.formula_version, computed.breakdown
        )
