"""Computing one score."""

import asyncio
from copy import deepcopy

from temporalio import activity

from activities.failures import failures_for_temporal
from scoring.compute import find_compute_service, formula_of, require_score
from scoring.messages import ComputedScore, ScoreToCompute


class ComputeActivities:
    """Runs compute services; has no state and writes nothing, so a repeat is harmless."""

    @activity.defn(name="compute_score")
    async def compute_score(self, task: ScoreToCompute) -> ComputedScore:
        """Return a finite score of the snapshot in the request; fail for good where no retry can help."""
        request = task.request
        with failures_for_temporal(f"the compute service of {request.score_type} failed"):
            service = find_compute_service(request.score_type)
            # the server's own timeout would not free this worker's slot
            async with asyncio.timeout(task.timeout):
                result: object = await service.compute_score(
                    task.internal_record_id,
                    deepcopy(request.contributing_attribute_values),
                    deepcopy(request.score_config),
                )
            score = require_score(result, request.score_type)
        formula_name, formula_version = formula_of(service)
        return ComputedScore(request, score, formula_name, formula_version)
