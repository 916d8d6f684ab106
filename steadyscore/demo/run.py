"""Starting everything for the demo, and saying where to look afterwards."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from rich.console import Console

from steadyscore.codec_access import CODEC_PATH
from steadyscore.demo.builders_client import BuildersClient
from steadyscore.demo.builders_story import BuildersStory
from steadyscore.demo.narrator import Narrator
from steadyscore.demo.registry_client import RegistryClient
from steadyscore.demo.story import Story
from steadyscore.development_tokens import Holder, development_token, for_development_only
from steadyscore.embedded.temporal_server import free_port
from steadyscore.local_secrets import TOKEN_FILE
from steadyscore.processes import Supervisor
from steadyscore.settings import Settings
from steadyscore.stack import Servers, brought_along, start_stack
from steadyscore.verify_builders import run_verify_builders

HTTP_TIMEOUT = 30.0
TOKEN_LASTS = timedelta(hours=1)
PORTS = ("api_port", "temporal_port", "temporal_ui_port")


def demo(settings: Settings) -> None:
    """Start everything, tell the story, stop everything; raise SetupError when something does not hold."""
    narrator = Narrator(Console(highlight=False))
    chosen = for_development_only(_with_free_ports(settings))
    with brought_along(chosen, narrator.aside) as servers:
        workflow_id = asyncio.run(_run(chosen, servers, narrator))
    narrator.aside("everything is stopped")
    if workflow_id is not None:
        _tell_where_to_look(narrator, settings, servers, workflow_id)


def _with_free_ports(settings: Settings) -> Settings:
    """Ports that nobody chose are taken from what is free: a demo beside another service is no reason to fail."""
    chosen = {name: free_port() for name in PORTS if name not in settings.model_fields_set}
    return settings.model_copy(update=chosen)


async def _run(settings: Settings, servers: Servers, narrator: Narrator) -> str | None:
    """The id of a workflow that is worth a look; None when a signal ended the story."""
    workflow_id = None
    async with Supervisor(settings.steadyscore_home / "logs") as supervisor:
        stack = await start_stack(settings, servers, supervisor, narrator.aside)
        headers = {"Authorization": f"Bearer {_token(settings, Holder(name='demo'))}"}
        async with httpx.AsyncClient(base_url=stack.api_url, headers=headers, timeout=HTTP_TIMEOUT) as http:
            registry = RegistryClient(http)
            workflow_id = await Story(registry, narrator).tell()
            builders = BuildersClient(registry, lambda name: _token(settings, Holder(roles=("builder",), name=name)))
            await BuildersStory(builders, narrator, lambda: _verify(stack.settings)).tell()
        narrator.aside("stopping everything")
    return workflow_id


def _token(settings: Settings, holder: Holder) -> str:
    return development_token(settings.steadyscore_home, holder, datetime.now(UTC), TOKEN_LASTS)


async def _verify(settings: Settings) -> dict[str, Any]:
    """What the command tells; in a thread, as it runs an event loop of its own."""
    told: list[str] = []
    await asyncio.to_thread(run_verify_builders, settings, as_json=True, say=told.append)
    return dict(json.loads("".join(told)))


def _tell_where_to_look(narrator: Narrator, settings: Settings, servers: Servers, workflow_id: str) -> None:
    brought = servers.temporal_cli is not None
    address = f"127.0.0.1:{settings.temporal_port}" if brought else settings.temporal_address
    ui_url = settings.temporal_ui_url or (f"http://127.0.0.1:{settings.temporal_ui_port}" if brought else None)
    namespace = settings.temporal_namespace
    narrator.chapter("One run in Temporal" + ("; start `make up` first, it kept all of this" if brought else ""))
    narrator.say(
        f"{servers.temporal_cli or 'temporal'} workflow show --workflow-id {workflow_id}"
        f" --address {address} --namespace {namespace}{_decoded(settings) if brought else ''}"
    )
    if ui_url is not None:
        narrator.say(f"{ui_url}/namespaces/{namespace}/workflows/{workflow_id}")


def _decoded(settings: Settings) -> str:
    """What makes the CLI show plain payloads, of the home's own token: a configured one must not be shown."""
    token = settings.steadyscore_home / TOKEN_FILE
    if settings.codec_token is not None:
        return ""
    endpoint = f"http://{settings.api_host}:{settings.api_port}{CODEC_PATH}"
    return f' --codec-endpoint {endpoint} --codec-auth "Bearer $(cat {token})"'
