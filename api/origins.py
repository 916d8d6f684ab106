"""Reads the setting that names other origins; without FastAPI, which a worker that reads its settings does without."""

import re

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+")


def parse_origins(text: str) -> tuple[str, ...]:
    """Read a list with commas; raise ValueError that does not show it."""
    origins = tuple(part.strip() for part in text.split(","))
    if not all(origin == "*" or _ORIGIN.fullmatch(origin) for origin in origins):
        raise ValueError("must be a list of origins with commas between, such as https://portal.example.org, or *")
    return origins
