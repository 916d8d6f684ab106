"""A process of the service with a fault built in: `python -m faults.process worker --crash before-persist --nth 3`."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence

from temporalio.client import Interceptor

from faults.crashes import API_POINTS, RELAY_POINTS, WORKER_POINTS, Crashing, CrashPoint, crash_within_approvals
from faults.delivery import TwiceLateAndReordered
from faults.next_workflows import NEXT_WORKFLOWS
from steadyscore.logs import configure_logging
from steadyscore.run_api import run_api
from steadyscore.run_relay import run_relay
from steadyscore.run_worker import WORKFLOWS, run_worker
from steadyscore.settings import read_settings

POINTS = {"worker": WORKER_POINTS, "relay": RELAY_POINTS, "api": API_POINTS}


def command(role: str, *arguments: str) -> list[str]:
    """How to start it."""
    return [sys.executable, "-m", "faults.process", role, *arguments]


async def run(options: argparse.Namespace) -> None:
    """Run the process until it is stopped, or ends itself."""
    settings = read_settings()
    configure_logging(settings.log_format, settings.log_level)
    interceptors: Sequence[Interceptor] = []
    if options.crash:
        interceptors = [Crashing(CrashPoint(options.crash, options.nth))]
    if options.deliver_badly is not None:
        interceptors = [TwiceLateAndReordered(options.deliver_badly)]
    match options.role:
        case "worker":
            await run_worker(settings, interceptors, NEXT_WORKFLOWS if options.next else WORKFLOWS)
        case "relay":
            await run_relay(settings, interceptors)
        case "api":
            crash_within_approvals(CrashPoint(options.crash, options.nth))
            await run_api(settings)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m faults.process", description=__doc__)
    roles = parser.add_subparsers(dest="role", required=True)
    for role, points in POINTS.items():
        one = roles.add_parser(role)
        one.add_argument("--crash", choices=points)
        one.add_argument("--nth", type=int, default=1, help="end the nth time the point is reached")
        one.add_argument("--deliver-badly", type=int, metavar="SEED", help="send everything twice, late and reordered")
        one.add_argument("--next", action="store_true", help="the workflows of a next version")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(run(_options()))
    # as the command line does: Temporal's native code can crash an interpreter that takes its time to end
    sys.stdout.flush()
    os._exit(0)
