"""A stand-in identity provider on a port of its own: discovery, keys that change, outages, and what roles permit."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from api.key_sets import DISCOVERY_PATH
from api.roles import RESOLVE_PATH
from signed_tokens import SigningKey, claims

KEYS_PATH = "/keys"


@dataclass
class Clock:
    """Stands still unless it is moved."""

    now: float = 1_000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


class IdentityProvider:
    """Serves for the length of a `with`; what it publishes may be changed at any time."""

    def __init__(self, *keys: SigningKey) -> None:
        self.keys: list[dict[str, Any]] = [key.public() for key in keys]
        self.permissions_of_role: dict[str, list[str]] = {}
        self.resolution: Any = None
        """Answered in place of these, where it is something."""
        self.status_of_role: dict[str, int] = {}
        """Answered to whoever asks for such a role."""
        self.asked: Counter[str] = Counter()
        """How often each path was asked for."""
        self.headers: list[dict[str, str]] = []
        """Of the questions for what roles permit."""
        self.answers = threading.Event()
        """Cleared, it takes questions and keeps them waiting."""
        self.answers.set()
        self.port = 0
        self.discovery: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self._serve()
        self.discovery = {"issuer": self.url, "jwks_uri": f"{self.url}{KEYS_PATH}"}
        return self

    def __exit__(self, *_: object) -> None:
        self.answers.set()
        self._stop()

    @property
    def url(self) -> str:
        """Its issuer, too."""
        return f"http://127.0.0.1:{self.port}"

    def publish(self, *keys: SigningKey) -> None:
        """These and no others from now on."""
        self.keys = [key.public() for key in keys]

    def token(self, key: SigningKey, *roles: str, **changes: Any) -> str:
        """As an Authorization header has it."""
        return f"Bearer {key.sign(claims(roles, iss=self.url, **changes))}"

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nobody listens on its port."""
        self._stop()
        yield
        self._serve()

    def _serve(self) -> None:
        provider = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked[self.path] += 1
                provider.answers.wait()
                self._answer({DISCOVERY_PATH: provider.discovery, KEYS_PATH: {"keys": provider.keys}}.get(self.path))

            def do_POST(self) -> None:
                provider.asked[self.path] += 1
                provider.headers.append(dict(self.headers))
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                roles = body["role_mnemonics"]
                status = next((provider.status_of_role[role] for role in roles if role in provider.status_of_role), 200)
                self._answer(provider.resolved(roles) if self.path == RESOLVE_PATH else None, status)

            def _answer(self, body: Any, status: int = 200) -> None:
                self.send_response(404 if body is None else status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Answers)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def resolved(self, roles: list[str]) -> Any:
        """What OpenG2P's endpoint answers."""
        if self.resolution is not None:
            return self.resolution
        return {"permissions": [one for role in roles for one in self.permissions_of_role.get(role, [])]}

    def _stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
