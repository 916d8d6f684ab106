"""A way to PostgreSQL that can forget its connections, as a firewall does: no byte passes, and nobody is told."""

import asyncio
from types import TracebackType
from typing import Self

from sqlalchemy import make_url

HOST = "127.0.0.1"


class ForgetfulProxy:
    """Passes connections on to a database for the length of an `async with`."""

    def __init__(self, database_url: str) -> None:
        self._url = make_url(database_url)
        self._writers: list[asyncio.StreamWriter] = []
        self._pumps: list[asyncio.Task[None]] = []

    @property
    def url(self) -> str:
        """The database by way of this."""
        port = self._server.sockets[0].getsockname()[1]
        return self._url.set(host=HOST, port=port, query={}).render_as_string(hide_password=False)

    def forget(self) -> None:
        """Pass on nothing of the connections there are; those that come are new ones."""
        for pump in self._pumps:
            pump.cancel()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, HOST, 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.forget()
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there = await self._connect()
        self._writers += [writer, there]
        self._pumps += [asyncio.create_task(_pump(reader, there)), asyncio.create_task(_pump(there_reader, writer))]

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        # the server that the tests bring along has a socket in a folder
        host, port = self._url.query.get("host", self._url.host), self._url.query.get("port", self._url.port or 5432)
        if str(host).startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(str(host), int(str(port)))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(65_536):
            writer.write(chunk)
            await writer.drain()
        writer.close()
    except OSError:
        writer.close()
