"""The API process."""

from datetime import timedelta

import uvicorn

from api.app import create_app
from api.services import ApiServices
from steadyscore.settings import Settings
from steadyscore.temporal import connect, require_serving
from store.database import make_engine, make_sessions


async def run_api(settings: Settings) -> None:
    """Serve HTTP until SIGTERM or SIGINT, then answer what is under way."""
    engine = make_engine(settings.require_database_url(), settings.database_pool_size)
    client = await connect(settings.require_temporal_address(), settings.temporal_namespace)
    services = ApiServices(
        sessions=make_sessions(engine),
        default_debounce=settings.debounce(),
        check_temporal=lambda: require_serving(client),
        relay_lag_limit=timedelta(seconds=settings.relay_lag_limit),
        recompute_automatically=settings.recompute_automatically,
    )
    config = uvicorn.Config(
        create_app(services), settings.api_host, settings.api_port, log_config=None, access_log=False
    )
    try:
        await uvicorn.Server(config).serve()
    finally:
        await engine.dispose()
