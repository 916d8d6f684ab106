"""Folders in which PostgreSQL can be started."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """In place of pytest's, whose parent every other session makes private again.

    As root PostgreSQL is another user, and would lose its data from sight.
    """
    with tempfile.TemporaryDirectory(prefix="steadyscore-") as directory:
        yield Path(directory)
