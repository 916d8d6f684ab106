"""What the document says of builders' routes: the answers that can be, and no others."""

import pytest
from fastapi import FastAPI

from api.app import create_app
from api.services import ApiServices

MISSING, CONFLICT = "404", "409"
PROBLEMS: dict[str, set[str]] = {
    "POST /users": {CONFLICT},
    "GET /users/me": {CONFLICT},
    "PATCH /users/me": {CONFLICT},
    "GET /users/me/collaborations": {CONFLICT},
    "GET /users": set(),
    "GET /users/by-username/{username}": {MISSING},
    "GET /users/{user_id}": {MISSING},
    "GET /users/{user_id}/score-history": {MISSING},
    "POST /projects": {CONFLICT},
    "GET /projects": {MISSING},
    "GET /projects/{project_id}": {MISSING},
    "PATCH /projects/{project_id}": {MISSING, CONFLICT},
    "PUT /projects/{project_id}/impact": {MISSING},
    "POST /projects/{project_id}/collaborators": {MISSING, CONFLICT},
    "DELETE /projects/{project_id}/collaborators/{user_id}": {MISSING, CONFLICT},
    "POST /projects/{project_id}/confirm_collaboration": {MISSING, CONFLICT},
    "POST /projects/{project_id}/decline_collaboration": {MISSING, CONFLICT},
}


@pytest.fixture
def app(services: ApiServices) -> FastAPI:
    """The application whose document it is."""
    return create_app(services)


def test_each_route_tells_of_what_may_be_missing_or_in_the_way(app: FastAPI) -> None:
    told = {
        f"{method.upper()} {path}": {MISSING, CONFLICT} & operation["responses"].keys()
        for path, methods in app.openapi()["paths"].items()
        if path.startswith(("/users", "/projects"))
        for method, operation in methods.items()
    }

    assert told == PROBLEMS
