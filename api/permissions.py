"""The permission each route asks for, declared in the OpenAPI document."""

from typing import Any


def permission(name: str) -> dict[str, Any]:
    """OpenAPI extension that names the permission, for a route's `openapi_extra`."""
    return {"x-required-permission": name}


OPEN = permission("none")
"""For probes: they tell no data."""
