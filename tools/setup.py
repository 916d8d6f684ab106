"""Set-up from nothing: the virtual environment, and beside it what takes longest where Temporal must be built.

Standard library only, run by the system's Python: `python3 tools/setup.py`. Run again, it does what is missing.
"""

import shutil
import socket
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
LOCK = ROOT / "locks" / "development.txt"
STAMP = ENVIRONMENT / ".installed"
KEPT_CLI = ROOT / ".steadyscore" / "bin" / "temporal"
GO_MODULE = ROOT / "tools" / "temporal"
CLI_PACKAGE = "github.com/temporalio/cli/cmd/temporal"
DOWNLOAD_SITE = ("temporal.download", 443)

MINIMUM_PYTHON = (3, 11)
PROGRESS_SECONDS = 20


def main() -> None:
    """Make the environment; exit with what is missing where that fails."""
    if sys.version_info < MINIMUM_PYTHON:
        sys.exit(f"Python 3.11 or later is needed, this is {sys.version.split()[0]}; run make PYTHON=python3.x …")
    compiling = start_compiling() if must_compile() else None
    try:
        install()
        if compiling is not None:
            wait_for(compiling)
    finally:
        if compiling is not None and compiling.poll() is None:
            compiling.terminate()
            compiling.wait()
    STAMP.touch()


def must_compile() -> bool:
    """Whether the Temporal CLI will have to be built: not here, not to be downloaded, but Go is there."""
    if KEPT_CLI.exists() or shutil.which("temporal") or not shutil.which("go"):
        return False
    try:
        socket.create_connection(DOWNLOAD_SITE, timeout=3).close()
    except OSError:
        return True
    return False


def start_compiling() -> "subprocess.Popen[bytes]":
    """Fill Go's build cache, so that the build itself takes seconds; its own errors are told by the build."""
    say("compiling the Temporal CLI from Go modules, as it is neither on PATH nor to be downloaded (4 to 5 minutes)")
    command = ["go", "build", "-C", str(GO_MODULE), "-o", "/dev/null", CLI_PACKAGE]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


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


def wait_for(compiling: "subprocess.Popen[bytes]") -> None:
    """Until Go is done, saying so from time to time."""
    began = time.monotonic()
    while compiling.poll() is None:
        try:
            compiling.wait(PROGRESS_SECONDS)
        except subprocess.TimeoutExpired:
            say(f"still compiling the Temporal CLI, {time.monotonic() - began:.0f} s since the rest was ready")


def say(line: str) -> None:
    """A line for whoever waits."""
    sys.stdout.write(f"set-up: {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
