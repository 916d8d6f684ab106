"""`steadyscore up`: everything, until Ctrl-C."""

import asyncio

from sqlalchemy import make_url

from steadyscore.processes import Supervisor
from steadyscore.settings import Settings
from steadyscore.stack import Say, Servers, Stack, brought_along, start_stack


def up(settings: Settings, say: Say) -> None:
    """Start everything, print where it answers, and keep it up until SIGINT or SIGTERM; leaves no process behind."""
    with brought_along(settings, say) as servers:
        asyncio.run(_keep_up(settings, servers, say))
    say("everything is stopped")


async def _keep_up(settings: Settings, servers: Servers, say: Say) -> None:
    async with Supervisor(settings.steadyscore_home / "logs", echo=say) as supervisor:
        stack = await start_stack(settings, servers, supervisor, say)
        for line in _where(stack):
            say(line)
        await supervisor.wait()


def _where(stack: Stack) -> list[str]:
    settings = stack.settings
    return [
        "",
        f"API          {stack.api_url} (documentation at {stack.api_url}/docs)",
        f"Temporal     {settings.temporal_address}, namespace {settings.temporal_namespace}",
        f"Web UI       {stack.temporal_ui_url or 'set TEMPORAL_UI_URL to see its address here'}",
        f"PostgreSQL   {shown_database(settings)}",
        f"logs         {settings.steadyscore_home / 'logs'}",
        "Ctrl-C stops all of it.",
        "",
    ]


def shown_database(settings: Settings) -> str:
    """The database's address, without a password."""
    return make_url(settings.require_database_url()).render_as_string(hide_password=True)
