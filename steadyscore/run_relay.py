"""The relay process."""

import logging
from collections.abc import Sequence

from temporalio.client import Interceptor

from relay.relay import Relay
from relay.signals import SignalSender
from steadyscore.settings import Settings
from steadyscore.stopping import on_stop
from steadyscore.temporal import connect, warn_unless_encrypted
from store.database import make_engine, make_sessions

logger = logging.getLogger(__name__)


async def run_relay(settings: Settings, interceptors: Sequence[Interceptor] = ()) -> None:
    """Carry score requests to Temporal until SIGTERM or SIGINT, then settle what was claimed."""
    url = settings.require_database_url()
    engine = make_engine(url, settings.database_pool_size)
    client = await connect(settings, interceptors=interceptors)
    warn_unless_encrypted(settings)
    sender = SignalSender(client, settings.compute_policy(), locally=settings.compute_locally)
    relay = Relay(url, make_sessions(engine), sender, settings.relay_policy())
    on_stop(relay.stop)
    logger.info("the relay is running")
    try:
        await relay.run()
    finally:
        await engine.dispose()
