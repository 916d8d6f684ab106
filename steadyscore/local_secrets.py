"""What `steadyscore up` makes once for the Temporal that it brings along: a key for payloads, and a token to read them.

Both stay in its home, for its owner only, as the key of `development_tokens` does. `replay` finds the key there; a
worker, relay or API beside `up`, against its Temporal, is told with PAYLOAD_KEYS_FILE.
"""

import base64
import contextlib
import os
import secrets
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from steadyscore.errors import SetupError
from steadyscore.payload_keys import KEY_BYTES
from steadyscore.settings import Settings

KEYS_FILE = "payload.keys"
TOKEN_FILE = "codec.token"  # noqa: S105 - its name, not the token


def with_own_secrets(settings: Settings) -> Settings:
    """Settings with the home's key and token where none are configured; what is missing is made."""
    home = settings.steadyscore_home.resolve()
    found: dict[str, object] = {}
    if not settings.payload_keys and not settings.payload_keys_file:
        found["payload_keys_file"] = made_once(home / KEYS_FILE, _a_key())
    if not settings.codec_token:
        token = made_once(home / TOKEN_FILE, secrets.token_hex(32))
        found["codec_token"] = token.read_text(encoding="ascii").strip()
    return settings.model_copy(update=found)


def with_local_keys(settings: Settings) -> Settings:
    """Settings with the home's key where none is configured and `up` has made one."""
    file = settings.steadyscore_home / KEYS_FILE
    if settings.payload_keys or settings.payload_keys_file or not file.exists():
        return settings
    return settings.model_copy(update={"payload_keys_file": file})


def _a_key() -> str:
    encoded = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    return f"{datetime.now(UTC):%Y-%m-%d}:{encoded}"


def made_once(path: Path, content: str) -> Path:
    """Write a file for its owner only, whole or not at all; one that is there stays as it is.

    Raises:
        SetupError: the folder cannot be written to.
    """
    try:
        return _make_once(path, content)
    except OSError as error:
        raise SetupError(
            f"{path} cannot be written ({type(error).__name__}); set STEADYSCORE_HOME to a folder that can be"
        ) from None


def _make_once(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    # made with mode 0600; a link takes no name that is taken, where renaming would replace the file
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{content}\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            Path(path).hardlink_to(name)
    finally:
        Path(name).unlink()
    return path
