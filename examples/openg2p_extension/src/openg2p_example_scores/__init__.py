"""Compute services that are found by entry point: see `pyproject.toml`."""
