"""HTTP/1.1 as far as a load generator needs it: one kept-alive connection, a request after the other, little CPU."""

import asyncio
import json
from dataclasses import dataclass

ANSWER_SECONDS = 60.0


@dataclass(frozen=True)
class Request:
    """What is asked for; `body` is JSON."""

    method: str
    path: str
    token: str
    body: object = None

    def encoded(self) -> bytes:
        """As it is sent."""
        body = b"" if self.body is None else json.dumps(self.body).encode()
        head = (
            f"{self.method} {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


@dataclass(frozen=True)
class Answer:
    """What came; status 0 where none did."""

    status: int
    body: bytes = b""


class Connection:
    """Opened when it is first needed, and again after a failure."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: Request) -> Answer:
        """Send it and read the answer; never raises."""
        try:
            return await asyncio.wait_for(self._ask(request.encoded()), ANSWER_SECONDS)
        except (OSError, EOFError, TimeoutError, ValueError):
            self.close()
            return Answer(0)

    async def _ask(self, sent: bytes) -> Answer:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(sent)
        status_line, *headers = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        # EOFError and ValueError: whoever answers differently is at fault
        length = next(int(line.partition(b":")[2]) for line in headers if line.startswith(b"content-length:"))
        return Answer(int(status_line.split(b" ")[1]), await reader.readexactly(length))

    def close(self) -> None:
        """End it."""
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None
