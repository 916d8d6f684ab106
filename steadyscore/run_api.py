"""The API process."""

from datetime import timedelta

import uvicorn

from api.app import create_app
from api.services import ApiServices
from steadyscore.codec_access import CODEC_PATH, CodecAccess
from steadyscore.codec_server import CodecServer, make_codec_app
from steadyscore.payload_codec import EncryptionCodec
from steadyscore.settings import Settings
from steadyscore.temporal import connect, require_serving
from store.database import make_engine, make_sessions


async def run_api(settings: Settings) -> None:
    """Serve HTTP until SIGTERM or SIGINT, then answer what is under way."""
    engine = make_engine(settings.require_database_url(), settings.database_pool_size)
    client = await connect(settings)
    services = ApiServices(
        sessions=make_sessions(engine),
        default_debounce=settings.debounce(),
        check_temporal=lambda: require_serving(client),
        relay_lag_limit=timedelta(seconds=settings.relay_lag_limit),
        recompute_automatically=settings.recompute_automatically,
    )
    app = create_app(services)
    if settings.codec_token is not None:
        app.mount(CODEC_PATH, make_codec_app(_codec_server(settings, settings.codec_token)))
    config = uvicorn.Config(app, settings.api_host, settings.api_port, log_config=None, access_log=False)
    try:
        await uvicorn.Server(config).serve()
    finally:
        await engine.dispose()


def _codec_server(settings: Settings, token: str) -> CodecServer:
    return CodecServer(EncryptionCodec(settings.key_ring()), CodecAccess(token), settings.temporal_ui_url)
