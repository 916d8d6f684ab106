"""Who may read payloads: whoever shows the token, as a bearer or by the cookie that a browser got for it."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

CODEC_PATH = "/codec"
"""Where the API process serves it."""

COOKIE = "steadyscore_codec"
SESSION = timedelta(hours=12)
_PURPOSE = b"a session of the codec server until "


@dataclass(frozen=True)
class CodecAccess:
    """Judges requests by their headers and cookies; keeps nothing, so that any number of processes agree."""

    token: str = field(repr=False)

    def is_token(self, offered: str) -> bool:
        """Whether it is the token, in a time that tells nothing about it."""
        return hmac.compare_digest(offered.encode(), self.token.encode())

    def allows(self, authorization: str | None, cookies: Mapping[str, str], now: datetime) -> bool:
        """Whether a request with this header or these cookies may read."""
        scheme, _, credentials = (authorization or "").partition(" ")
        if scheme.lower() == "bearer" and self.is_token(credentials.strip()):
            return True
        return self._is_session(cookies.get(COOKIE, ""), now)

    def new_session(self, now: datetime) -> str:
        """What a browser keeps in place of the token; worthless after SESSION."""
        return self._session_until(int((now + SESSION).timestamp()))

    def _session_until(self, end: int) -> str:
        return f"{end}.{hmac.new(self.token.encode(), _PURPOSE + str(end).encode(), hashlib.sha256).hexdigest()}"

    def _is_session(self, cookie: str, now: datetime) -> bool:
        end, _, _ = cookie.partition(".")
        # 11 digits last beyond the year 5000; more could be no time at all
        if not (end.isascii() and end.isdecimal()) or len(end) > 11:  # noqa: PLR2004
            return False
        is_ours = hmac.compare_digest(cookie.encode(), self._session_until(int(end)).encode())
        return is_ours and now < datetime.fromtimestamp(int(end), UTC)
