"""A stand-in identity provider on a port of its own: discovery, keys that change, outages, and what roles permit.

What browsers do there, signing in and out, is in code_flow.py.
"""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import SplitResult, parse_qsl, urlsplit

from api.key_sets import DISCOVERY_PATH
from api.roles import RESOLVE_PATH
from code_flow import AUTHORIZE, END_SESSION, TOKEN, CodeFlow, Reply
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
        self._signs_with = keys[0] if keys else None
        self._code_flow: CodeFlow | None = None

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

    @property
    def code_flow(self) -> CodeFlow:
        """How browsers sign in here, once it serves; the discovery document tells of it from then on."""
        if self._code_flow is None:
            assert self._signs_with is not None, "a provider that signs tokens needs a key"
            self._code_flow = CodeFlow(self.url, self._signs_with)
            self.discovery |= self._code_flow.discovery()
        return self._code_flow

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
        answers = type("Answers", (_Answers,), {"provider": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), answers)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def answer(self, path: str, query: dict[str, str]) -> Reply:
        """To whoever looks."""
        if self._code_flow is not None and path == AUTHORIZE:
            return self._code_flow.authorize(query)
        if self._code_flow is not None and path == END_SESSION:
            return self._code_flow.end_session(query)
        published = {DISCOVERY_PATH: self.discovery, KEYS_PATH: {"keys": self.keys}}
        return Reply(200, published[path]) if path in published else Reply(404)

    def answer_post(self, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        """To pages that want tokens, and to the API, which wants to know what roles permit."""
        if self._code_flow is not None and path == TOKEN:
            return self._code_flow.token(dict(parse_qsl(body.decode())))
        self.headers.append(headers)
        if path != RESOLVE_PATH:
            return Reply(404)
        roles = json.loads(body)["role_mnemonics"]
        status = next((self.status_of_role[role] for role in roles if role in self.status_of_role), 200)
        return Reply(status, self.resolved(roles))

    def allowing(self, origin: str | None) -> dict[str, str]:
        """Lets pages of its clients read what it answers, and those of nobody else."""
        if origin is None or self._code_flow is None or not self._code_flow.allows_origin(origin):
            return {}
        return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}

    def resolved(self, roles: list[str]) -> Any:
        """What OpenG2P's endpoint answers."""
        if self.resolution is not None:
            return self.resolution
        return {"permissions": [one for role in roles for one in self.permissions_of_role.get(role, [])]}

    def _stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Answers(BaseHTTPRequestHandler):
    provider: IdentityProvider

    def do_GET(self) -> None:
        address = self._asked()
        self._send(self.provider.answer(address.path, dict(parse_qsl(address.query))))

    def do_POST(self) -> None:
        path = self._asked().path
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._send(self.provider.answer_post(path, body, dict(self.headers)))

    def do_OPTIONS(self) -> None:
        self._asked()
        allowed = {"Access-Control-Allow-Methods": "GET, POST", "Access-Control-Allow-Headers": "*"}
        self._send(Reply(204, headers=allowed))

    def _asked(self) -> SplitResult:
        address = urlsplit(self.path)
        self.provider.asked[address.path] += 1
        self.provider.answers.wait()
        return address

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in {**reply.headers, **self.provider.allowing(self.headers.get("Origin"))}.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        if reply.status not in {204, 302}:
            self.wfile.write(json.dumps(reply.body).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        del format, args
