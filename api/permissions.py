"""The permissions there are, and how a route declares what it asks for."""

from enum import StrEnum
from typing import Any


class Permission(StrEnum):
    """What may be granted: the names are OpenG2P's where it has one."""

    VIEW_REGISTERS = "register:view"
    MANAGE_REGISTERS = "register:manage"
    VIEW_RECORDS = "registerRecord:view"
    VIEW_HISTORY = "registerHistory:view"
    VIEW_SCORES = "registerScore:view"
    CREATE_SCORES = "registerScore:create"
    EDIT_SCORES = "registerScore:edit"
    VIEW_DEFINITIONS = "registerDefinition:view"
    MANAGE_DEFINITIONS = "registerDefinition:manage"
    CREATE_CHANGE_REQUESTS = "changeRequest:create"
    VIEW_CHANGE_REQUESTS = "changeRequest:view"
    APPROVE_CHANGE_REQUESTS = "changeRequest:approve"
    VIEW_AUDIT_LOG = "auditLog:view"
    VIEW_BUILDERS = "builder:view"
    BUILD = "builder:participate"
    """To have a profile, projects and collaborations, and to change one's own."""
    MEASURE_IMPACT = "builder:measure"
    """To tell what projects amount to: for what counts their users, not for their owners."""

    @property
    def changes_something(self) -> bool:
        """Whether what it permits is a write."""
        return not self.endswith(":view")


REQUIRED = "x-required-permission"
"""The OpenAPI extension that names it: each one permits the request by itself."""


def permission(*alternatives: Permission) -> dict[str, Any]:
    """For a route's `openapi_extra`; where OpenG2P's generations ask for different ones, either permits it."""
    return {REQUIRED: " | ".join(alternatives)}


def required_permissions(declared: str) -> frozenset[Permission]:
    """What a route declared."""
    return frozenset(Permission(name) for name in declared.split(" | "))


OPEN = {REQUIRED: "none"}
"""For probes: they tell no data."""

SIGNED = {REQUIRED: "signature"}
"""For hooks: the request's signature says who sends it."""
