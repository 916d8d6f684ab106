"""Probes. Approvals and reads need PostgreSQL alone: without it the service is unavailable, else at most degraded."""

import asyncio
from datetime import timedelta
from typing import Literal

from fastapi import APIRouter, Response, status
from pydantic import BaseModel

from api.guard import GuardedRoute
from api.permissions import OPEN
from api.services import ApiServices, Services
from store.roads import relay_lag

router = APIRouter(route_class=GuardedRoute, prefix="/health", tags=["health"])

CHECK_TIMEOUT = 2.0


class Live(BaseModel):
    """The process answers."""

    status: Literal["live"] = "live"


class Check(BaseModel):
    """One thing that scores depend on."""

    name: Literal["postgresql", "temporal", "relay"]
    ok: bool
    detail: str


class Ready(BaseModel):
    """`degraded`: approvals go on, scores wait. `unavailable`: nothing works."""

    status: Literal["ready", "degraded", "unavailable"]
    checks: list[Check]


@router.get("/live", openapi_extra=OPEN)
async def live() -> Live:
    """Whether the process answers."""
    return Live()


@router.get("/ready", responses={status.HTTP_503_SERVICE_UNAVAILABLE: {"model": Ready}}, openapi_extra=OPEN)
async def ready(services: Services, response: Response) -> Ready:
    """Whether approvals and reads work (PostgreSQL), and whether scores follow them (Temporal and relay)."""
    lag, temporal = await asyncio.gather(_lag(services), _temporal(services))
    checks = [_postgresql(lag), temporal, _relay(lag, services.relay_lag_limit)]
    if lag is None:
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        return Ready(status="unavailable", checks=checks)
    return Ready(status="ready" if all(check.ok for check in checks) else "degraded", checks=checks)


async def _lag(services: ApiServices) -> timedelta | None:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT), services.reads() as session:
            return await relay_lag(session)
    except Exception:  # noqa: BLE001 - whatever it is, PostgreSQL did not answer
        return None


async def _temporal(services: ApiServices) -> Check:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT):
            await services.check_temporal()
    except Exception as error:  # noqa: BLE001 - whatever it is, Temporal did not answer
        return Check(name="temporal", ok=False, detail=f"does not answer: {type(error).__name__}")
    return Check(name="temporal", ok=True, detail="serving")


def _postgresql(lag: timedelta | None) -> Check:
    answers = lag is not None
    return Check(name="postgresql", ok=answers, detail="answering" if answers else "does not answer")


def _relay(lag: timedelta | None, limit: timedelta) -> Check:
    if lag is None:
        return Check(name="relay", ok=False, detail="unknown without PostgreSQL")
    waiting = f"the oldest request that was not signaled waits for {lag.total_seconds():.1f} s"
    return Check(name="relay", ok=lag <= limit, detail=waiting if lag else "nothing waits")
