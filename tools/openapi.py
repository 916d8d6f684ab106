"""The OpenAPI document on standard output: `python -m tools.openapi`. Nothing needs to be running."""

import json
import sys
from datetime import timedelta

from api.app import create_app
from api.identity import Identity, Unauthenticated
from api.services import ApiServices
from scoring.debounce import DebouncePolicy
from store.database import make_engine, make_sessions


def main() -> None:
    """Write it."""
    sessions = make_sessions(make_engine("postgresql+asyncpg://nowhere/none"))
    app = create_app(ApiServices(sessions, DebouncePolicy(2, 10), _nothing, timedelta(0), _nobody))
    json.dump(app.openapi(), sys.stdout)


async def _nothing() -> None:
    return None


async def _nobody(_: str | None) -> Identity:
    raise Unauthenticated("nobody is known here")


if __name__ == "__main__":
    main()
