"""The API process."""

from datetime import timedelta
from functools import partial

from api.app import create_app
from api.console_settings import ConsoleSettings
from api.events import EventLimits
from api.identity import Authenticate
from api.limits import RequestLimits
from api.origins import parse_origins
from api.profile_cache import CacheLimits
from api.rate_limit import WriteLimiter, parse_write_limit
from api.services import ApiServices
from builders.profiles import listen_for_profile_changes
from steadyscore.authentication import authentication
from steadyscore.codec_access import CODEC_PATH, CodecAccess
from steadyscore.codec_server import CodecServer, make_codec_app
from steadyscore.http_protocol import make_server
from steadyscore.payload_codec import EncryptionCodec
from steadyscore.settings import Settings
from steadyscore.temporal import connect, require_serving
from store.database import make_engine, make_sessions
from store.notifications import listen_for_score_events


async def run_api(settings: Settings) -> None:
    """Serve HTTP until SIGTERM or SIGINT, then answer what is under way."""
    settings.require_database_url()
    async with authentication(settings) as authenticate:
        await _serve(settings, authenticate)


async def _serve(settings: Settings, authenticate: Authenticate) -> None:
    # waiting for a connection ends before the request does
    wait = settings.api_request_timeout * 5 / 6
    engine = make_engine(settings.require_database_url(), settings.database_pool_size, wait=wait)
    client = await connect(settings)
    services = ApiServices(
        sessions=make_sessions(engine),
        default_debounce=settings.debounce(),
        check_temporal=lambda: require_serving(client),
        relay_lag_limit=timedelta(seconds=settings.relay_lag_limit),
        authenticate=authenticate,
        recompute_automatically=settings.recompute_automatically,
        hook_keys=settings.hook_keys(),
        limits=RequestLimits(settings.api_max_body_bytes, settings.api_request_timeout),
        writes=WriteLimiter(parse_write_limit(settings.api_write_limit)),
        other_origins=parse_origins(settings.api_cors_origins) if settings.api_cors_origins else (),
        listen=partial(listen_for_score_events, settings.require_database_url()),
        event_limits=EventLimits(
            settings.api_event_heartbeat,
            settings.api_max_event_streams,
            settings.api_max_event_streams_per_identity,
        ),
        listen_for_profiles=partial(listen_for_profile_changes, settings.require_database_url()),
        profile_cache=CacheLimits(settings.api_profile_cache_size),
        console=_console(settings),
    )
    app = create_app(services)
    if settings.codec_token is not None:
        app.mount(CODEC_PATH, make_codec_app(_codec_server(settings, settings.codec_token)))
    try:
        await make_server(app, settings.api_host, settings.api_port).serve()
    finally:
        await engine.dispose()


def _console(settings: Settings) -> ConsoleSettings:
    return ConsoleSettings(
        oidc_issuer=settings.oidc_issuer,
        client_id=settings.console_client_id or settings.oidc_client_id,
        scope=settings.console_scope,
        provider_origins=parse_origins(settings.console_provider_origins) if settings.console_provider_origins else (),
        temporal_ui_url=settings.temporal_ui_url,
        temporal_namespace=settings.temporal_namespace,
    )


def _codec_server(settings: Settings, token: str) -> CodecServer:
    return CodecServer(EncryptionCodec(settings.key_ring()), CodecAccess(token), settings.temporal_ui_url)
