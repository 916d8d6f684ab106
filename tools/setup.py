"""Set-up from nothing: the virtual environment, and beside it what takes longest where Temporal must be built.

Standard library only, run by the system's Python: `python3 tools/setup.py`. Run again, it does what is missing.
"""

import os
import shutil
import socket
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
LOCK = ROOT / "locks" / "development.txt"
STAMP = ENVIRONMENT / ".installed"
HOME = ROOT / os.environ.get("STEADYSCORE_HOME", ".steadyscore")
DOWNLOAD_SITE = ("temporal.download", 443)

MINIMUM_PYTHON = (3, 11)


def main() -> None:
    """Make the environment; exit with what is missing where that fails."""
    if sys.version_info < MINIMUM_PYTHON:
        sys.exit(f"Python 3.11 or later is needed, this is {sys.version.split()[0]}; run make PYTHON=python3.x …")
    building = start_building() if must_build() else []
    try:
        install()
        for process in building:
            process.wait()
    finally:
        for process in building:
            process.terminate()
            process.wait()
    STAMP.touch()


def must_build() -> bool:
    """Whether the Temporal CLI will have to be built: not here, not to be downloaded, but Go is there."""
    if (HOME / "bin" / "temporal").exists() or shutil.which("temporal") or not shutil.which("go"):
        return False
    try:
        socket.create_connection(DOWNLOAD_SITE, timeout=3).close()
    except OSError:
        return True
    return False


def start_building() -> "list[subprocess.Popen[bytes]]":
    """Build the Temporal CLI, and Go's own library while the modules are still on their way."""
    say("Temporal's CLI is neither on PATH nor to be downloaded, so it is built meanwhile; this takes 4 to 5 minutes")
    library = ["env", "CGO_ENABLED=0", "go", "build", "std"]
    program = [sys.executable, "-m", "steadyscore.embedded.temporal_cli", str(HOME)]
    return [
        subprocess.Popen(library, cwd=ROOT / "tools" / "temporal", stdin=subprocess.DEVNULL),
        subprocess.Popen(program, cwd=ROOT, stdin=subprocess.DEVNULL),
    ]


def install() -> None:
    """The locked dependencies, checked by their hashes, and this project on top."""
    say("installing the locked dependencies into .venv (about a minute)")
    if not (ENVIRONMENT / "bin" / "python").exists():
        venv.create(ENVIRONMENT, with_pip=True)
    pip("--require-hashes", "-r", str(LOCK))
    pip("--no-deps", "--no-build-isolation", "--editable", str(ROOT))


def pip(*arguments: str) -> None:
    """Install; pip's own words are told when it fails."""
    command = [str(ENVIRONMENT / "bin" / "python"), "-m", "pip", "install", "--quiet", *arguments]
    if subprocess.run([*command, "--disable-pip-version-check"], check=False).returncode != 0:
        sys.exit("pip could not install the dependencies; its reason stands above")


def say(line: str) -> None:
    """A line for whoever waits."""
    sys.stdout.write(f"set-up: {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
