"""Finding a Chromium for the browser tests, or else providing one: `python -m tools.chromium` prints its path.

In this order: the variable CHROMIUM, PATH, one provided before, Playwright's own download, Debian's packages: installed
by root, unpacked below the directory by anybody else. Whatever provides it, it ends as `chromium/run` in the directory.
"""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from steadyscore.embedded.making import Say, one_at_a_time, run_logged, scratch_directory
from steadyscore.errors import SetupError

HOME = Path(__file__).resolve().parent.parent / os.environ.get("STEADYSCORE_HOME", ".steadyscore")
NAMES = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
DOWNLOAD_SITE = ("cdn.playwright.dev", 443)
PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
# of Debian, without a window; the other package holds files that it reads beside itself
PACKAGE, FILES = "chromium-headless-shell", "chromium-common"
INSTALLED = Path("/usr/bin") / PACKAGE
# what an installation would bring along is what is missing; anybody may ask for that
DOWNLOAD = f"""set -e; cd "$1"
missing=$(apt-get install --simulate --yes --no-install-recommends {PACKAGE} | awk '$1 == "Inst" {{print $2}}')
apt-get --quiet download $(printf '%s\\n' {PACKAGE} {FILES} $missing | sort -u)"""
ANSWER_SECONDS = 3
TRIAL_SECONDS = 20
# 110 MB, or 65 MB and what is missing of its libraries
PROVIDE_SECONDS = 300
REMEDIES = """Any of these helps:
  - install Chromium, so that `chromium` is on PATH
  - set CHROMIUM to the path of a Chromium or Chrome"""

# given an empty directory, returns the program, in it or installed; raises SetupError with the reason why not
Source = Callable[[Path, Say], Path]


def main() -> None:
    """Print the path; whoever waits is told on standard error."""
    try:
        found = find_chromium(HOME, tell)
    except SetupError as error:
        sys.exit(str(error))
    sys.stdout.write(f"{found}\n")


def tell(line: str) -> None:
    """A line for whoever waits."""
    sys.stderr.write(f"Chromium: {line}\n")
    sys.stderr.flush()


def download_by_playwright(scratch: Path, say: Say) -> Path:
    """Let Playwright download the one that it was tested with."""
    _require_the_site()
    say("downloading it by Playwright (110 MB)")
    install = [sys.executable, "-m", "playwright", "install", "chromium", "--only-shell"]
    _run(["env", f"PLAYWRIGHT_BROWSERS_PATH={scratch}", *install], scratch, say)
    return _only(scratch.glob("chromium_headless_shell-*/*/*headless*shell"), "Playwright's download")


def _require_the_site() -> None:
    # a proxy finds the site by itself
    if any(name in os.environ for name in PROXIES):
        return
    try:
        socket.create_connection(DOWNLOAD_SITE, timeout=ANSWER_SECONDS).close()
    except OSError as error:
        raise SetupError(f"Playwright's download site {DOWNLOAD_SITE[0]} cannot be reached: {error}") from error


def install_by_apt(scratch: Path, say: Say) -> Path:
    """Install Debian's package, where this is root on Debian."""
    if os.geteuid() != 0:
        raise SetupError("only root installs Debian's package")
    _require_apt()
    say(f"installing Debian's {PACKAGE} (65 MB and the libraries that are missing)")
    apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "-o", "DPkg::Lock::Timeout=60"]
    # other sources' lists may be out of reach; whether this package can be had, the installation tells
    subprocess.run([*apt, "update"], capture_output=True, check=False)
    _run([*apt, "install", "--yes", "--no-install-recommends", PACKAGE], scratch, say)
    return _only(INSTALLED.parent.glob(INSTALLED.name), "the installation")


def unpack_by_apt(scratch: Path, say: Say) -> Path:
    """Unpack Debian's package and the libraries that are missing, installing nothing."""
    _require_apt()
    say(f"unpacking Debian's {PACKAGE} (65 MB and the libraries that are missing)")
    _run(["sh", "-c", DOWNLOAD, "sh", str(scratch)], scratch, say)
    for package in scratch.glob("*.deb"):
        _run(["dpkg", "-x", str(package), str(scratch)], scratch, say)
        package.unlink()
    return _only(scratch.glob(f"usr/lib/chromium/{PACKAGE}"), "the package")


def _require_apt() -> None:
    if not shutil.which("apt-get"):
        raise SetupError("there is no apt-get to get Debian's package with")


def _run(command: Sequence[str], scratch: Path, say: Say) -> None:
    run_logged(command, scratch.with_name("chromium.log"), say, PROVIDE_SECONDS)


def _only(programs: Iterable[Path], source: str) -> Path:
    found = list(programs)
    if len(found) != 1:
        raise SetupError(f"{source} left no Chromium")
    return found[0]


SOURCES: Sequence[Source] = (download_by_playwright, install_by_apt, unpack_by_apt)


def find_chromium(
    directory: Path, say: Say, search_path: str | None = None, sources: Sequence[Source] = SOURCES
) -> Path:
    """Return a Chromium that runs, provided below `directory` if there is none; `search_path` stands for PATH.

    Raises one SetupError with every source's reason and the remedies.
    """
    if chosen := os.environ.get("CHROMIUM"):
        return _chosen(Path(chosen))
    kept = directory.resolve() / "chromium" / "run"
    on_path = (shutil.which(name, path=search_path) for name in NAMES)
    for program in (*(Path(found) for found in on_path if found), kept):
        if _runs(program):
            return program
    with one_at_a_time(directory / "tools", "Chromium available", say):
        # another process may have done it while this one waited for its turn
        return kept if _runs(kept) else _provide(kept, say, sources)


def _chosen(program: Path) -> Path:
    if not _runs(program):
        raise SetupError(f"CHROMIUM is {program}, which does not run; set it to the path of a Chromium or unset it")
    return program


def _provide(kept: Path, say: Say, sources: Sequence[Source]) -> Path:
    reasons = []
    for source in sources:
        try:
            return _provide_from(source, kept, say)
        except SetupError as error:
            say(f"that did not work: {str(error).splitlines()[0]}")
            reasons.append(f"  - {error}")
    raise SetupError("\n".join(["There is no Chromium:", *reasons, REMEDIES]))


def _provide_from(source: Source, kept: Path, say: Say) -> Path:
    with scratch_directory(kept.parent.with_name("tools")) as scratch:
        launcher = scratch / kept.name
        launcher.write_text(_launch(source(scratch, say), scratch), encoding="utf-8")
        launcher.chmod(0o755)
        if not _runs(launcher):
            raise SetupError("the Chromium that came of it does not run on this machine")
        shutil.rmtree(kept.parent, ignore_errors=True)
        # renaming makes it appear whole or not at all
        scratch.rename(kept.parent)
    return kept


def _launch(program: Path, scratch: Path) -> str:
    """The script that starts it, with the libraries that were unpacked beside it."""
    place = f'"$here"/{program.relative_to(scratch)}' if program.is_relative_to(scratch) else str(program)
    libraries = ":".join(f"$here/{folder.relative_to(scratch)}" for folder in scratch.glob("usr/lib/*-linux-gnu"))
    given = f'LD_LIBRARY_PATH="{libraries}${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}" ' if libraries else ""
    return f'#!/bin/sh\nhere=$(dirname "$(readlink -f "$0")")\n{given}exec {place} "$@"\n'


def _runs(program: Path) -> bool:
    try:
        trial = subprocess.run([program, "--version"], capture_output=True, timeout=TRIAL_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return trial.returncode == 0


if __name__ == "__main__":
    main()
