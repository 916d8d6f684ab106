"""Compute services as other packages bring them: a distribution with an entry point, installed for a test."""

import importlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent, indent

from objects import an_id
from scoring import compute, plugins

HEAD = "async def compute_score(self, internal_record_id, contributing_attribute_values, score_config):\n"


@contextmanager
def installed_services(directory: Path, bodies: Mapping[str, str]) -> Iterator[None]:
    """Services by score type; each is the body of an async `compute_score` with record_id, values and config."""
    head = f"{HEAD}    record_id, values, config = internal_record_id, contributing_attribute_values, score_config\n"
    methods = {score_type: head + indent(dedent(body), " " * 4) for score_type, body in bodies.items()}
    with installed_classes(directory, methods):
        yield


@contextmanager
def installed_classes(directory: Path, bodies: Mapping[str, str]) -> Iterator[None]:
    """Services by score type; each is the body of a class."""
    module = f"a_plugin_{an_id().replace('-', '')}"
    _write_distribution(directory, module, bodies)
    sys.path.insert(0, str(directory))
    _forget()
    try:
        yield
    finally:
        sys.path.remove(str(directory))
        sys.modules.pop(module, None)
        _forget()


def _write_distribution(directory: Path, module: str, bodies: Mapping[str, str]) -> None:
    metadata = directory / f"{module}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    points = [f"{score_type} = {module}:{score_type}" for score_type in bodies]
    (metadata / "entry_points.txt").write_text("\n".join(["[g2p_score_compute]", *points]))
    services = "".join(_service(score_type, body) for score_type, body in bodies.items())
    (directory / f"{module}.py").write_text(
        f"import asyncio\nimport threading\nimport time\nfrom scoring.errors import ScoreInputError\n{services}"
    )


def _service(score_type: str, body: str) -> str:
    return f"\n\nclass {score_type}:\n" + indent(dedent(body), " " * 4)


def _forget() -> None:
    """What was found once is kept for the life of a process, which installs nothing while it runs."""
    importlib.invalidate_caches()
    plugins.find_plugin.cache_clear()
    compute.is_instantaneous.cache_clear()
