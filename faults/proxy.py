"""A TCP proxy on loopback that can cut the line: no byte passes and nobody is told, as in a network partition."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from faults.ports import stable_port

_HOST = "127.0.0.1"
_CHUNK_BYTES = 65_536
_RESET_AT_CLOSE = struct.pack("ii", 1, 0)


class Proxy:
    """Passes connections on to a port of this machine for the length of an `async with`."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._connections: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, _HOST, stable_port())
        self._port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        await self._reset_connections()

    @property
    def address(self) -> str:
        """Where clients connect to, HOST:PORT."""
        return f"{_HOST}:{self._port}"

    @property
    def is_cut(self) -> bool:
        """Whether the line is cut."""
        return not self._flowing.is_set()

    def cut(self) -> None:
        """Pass nothing on, in either direction; who is connected, or connects from now on, stays so in silence."""
        self._flowing.clear()

    async def restore(self) -> None:
        """Pass on what connects from now on; what was connected while the line was cut is reset."""
        if self.is_cut:
            await self._reset_connections()
            self._flowing.set()

    async def _reset_connections(self) -> None:
        connections = list(self._connections)
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # a task of ours: the server's own would report a cancellation as an error
        connection = asyncio.create_task(self._connect(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with self._closing(writer), contextlib.suppress(OSError):
            await self._flowing.wait()
            target_reader, target_writer = await asyncio.open_connection(_HOST, self._target_port)
            with self._closing(target_writer):
                there = asyncio.create_task(self._pump(reader, target_writer))
                back = asyncio.create_task(self._pump(target_reader, writer))
                try:
                    await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    there.cancel()
                    back.cancel()
                    await asyncio.gather(there, back, return_exceptions=True)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(_CHUNK_BYTES):
            await self._flowing.wait()
            writer.write(chunk)
            await writer.drain()
        # an end is news too
        await self._flowing.wait()

    @contextlib.contextmanager
    def _closing(self, writer: asyncio.StreamWriter) -> Iterator[None]:
        try:
            yield
        finally:
            if self.is_cut:
                # reset, as the other side of a mended network does with connections that it has forgotten
                raw = writer.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
                writer.transport.abort()
            writer.close()
