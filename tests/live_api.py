"""The application as the API's process serves it, on a real socket of this machine."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

from starlette.types import ASGIApp

from steadyscore.http_protocol import BoundedHttp, make_server

HOST = "127.0.0.1"


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, protocol: type[BoundedHttp] = BoundedHttp) -> AsyncIterator[int]:
    """Serve the application; the port. What connects before the server is up waits in the socket."""
    listener = socket.create_server((HOST, 0))
    port = int(listener.getsockname()[1])
    server = make_server(app, HOST, port)
    server.config.http = protocol
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield port
    finally:
        server.should_exit = True
        await running
