"""The application, assembled from its routes."""

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from api import problems
from api.openapi import complete_document
from api.routes import change_requests, definitions, health, recomputations, registry, scores
from api.services import ApiServices

DESCRIPTION = """
Scores of register records, computed in the background when an approved change request touches what they are made of.

Errors are problem details (RFC 9457): `detail` says what was wrong, `errors` names each field.
"""


def create_app(services: ApiServices) -> FastAPI:
    """The HTTP interface over these services."""
    app = FastAPIOffline(title="Steadyscore", version="0.1.0", description=DESCRIPTION, redoc_url=None)
    app.state.services = services
    problems.install(app)
    for routes in (scores, definitions, recomputations, registry, change_requests, health):
        app.include_router(routes.router)
    app.openapi = complete_document(app)  # type: ignore[method-assign]
    return app
