"""`steadyscore up`: everything, until Ctrl-C."""

import asyncio
import shutil
import sys
from pathlib import Path

from sqlalchemy import make_url

from steadyscore.codec_access import CODEC_PATH
from steadyscore.console import is_built
from steadyscore.development_tokens import with_development_key
from steadyscore.local_secrets import TOKEN_FILE
from steadyscore.processes import Supervisor
from steadyscore.settings import Settings
from steadyscore.stack import Say, Servers, Stack, brought_along, start_stack


def up(settings: Settings, say: Say) -> None:
    """Start everything, print where it answers, and keep it up until SIGINT or SIGTERM; leaves no process behind."""
    if settings.oidc_issuer:
        settings.token_trust()
    settings = with_development_key(settings)
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
        f"console      {_where_the_console_is(stack)}",
        *_how_to_call(stack),
        f"Temporal     {settings.temporal_address}, namespace {settings.temporal_namespace}",
        f"Web UI       {stack.temporal_ui_url or 'set TEMPORAL_UI_URL to see its address here'}",
        f"payloads     {_how_to_read_payloads(stack)}",
        f"PostgreSQL   {shown_database(settings)}",
        f"logs         {settings.steadyscore_home / 'logs'}",
        "Ctrl-C stops all of it.",
        "",
    ]


def _where_the_console_is(stack: Stack) -> str:
    if not is_built():
        return "not built; `make console` builds it, and it is there at once"
    if stack.settings.oidc_issuer:
        return f"{stack.api_url}/"
    return f"{stack.api_url}/ ({_how_to_call_us()} console signs you in)"


def _how_to_call(stack: Stack) -> list[str]:
    if stack.settings.oidc_issuer:
        return [f"tokens       of {stack.settings.oidc_issuer}"]
    program = _how_to_call_us()
    return [
        f"tokens       {program} token --role viewer (or officer, builder, administrator), such as",
        f'             curl -H "Authorization: Bearer $({program} token)" {stack.api_url}/registers',
    ]


def _how_to_call_us() -> str:
    """In a virtual environment that nobody has activated, the command is not on PATH."""
    beside_python = Path(sys.executable).with_name("steadyscore")
    return "steadyscore" if shutil.which("steadyscore") or not beside_python.exists() else str(beside_python)


def _how_to_read_payloads(stack: Stack) -> str:
    if stack.settings.key_ring().newest is None:
        return "NOT encrypted; set PAYLOAD_KEYS"
    if stack.settings.codec_token is None:
        return "encrypted; set CODEC_TOKEN to read them in the Web UI"
    return (
        f"encrypted; to read them in the Web UI, {stack.api_url}{CODEC_PATH}/sign-in with {_where_the_token_is(stack)}"
    )


def _where_the_token_is(stack: Stack) -> str:
    made = stack.settings.steadyscore_home / TOKEN_FILE
    is_ours = made.exists() and made.read_text(encoding="ascii").strip() == stack.settings.codec_token
    return f"the token in {made}" if is_ours else "CODEC_TOKEN"


def shown_database(settings: Settings) -> str:
    """The database's address, without a password."""
    return make_url(settings.require_database_url()).render_as_string(hide_password=True)
