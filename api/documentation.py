"""The page that shows the OpenAPI document: it runs its own scripts and no others."""

import base64
import hashlib
import re

from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse

from api.security_headers import DOCS_ASSETS

router = APIRouter(include_in_schema=False)

_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@router.get("/docs")
async def show_documentation(request: Request) -> HTMLResponse:
    """Swagger UI, from this server alone."""
    root = request.scope.get("root_path", "")
    page = get_swagger_ui_html(
        openapi_url=f"{root}{request.app.openapi_url}",
        title=request.app.title,
        swagger_js_url=f"{root}{DOCS_ASSETS}swagger-ui-bundle.js",
        swagger_css_url=f"{root}{DOCS_ASSETS}swagger-ui.css",
        swagger_favicon_url=f"{root}{DOCS_ASSETS}favicon.png",
    )
    page.headers["Content-Security-Policy"] = _policy(bytes(page.body).decode())
    return page


def _policy(page: str) -> str:
    hashes = (hashlib.sha256(script.encode()).digest() for script in _INLINE_SCRIPT.findall(page))
    scripts = " ".join(f"'sha256-{base64.b64encode(one).decode()}'" for one in hashes)
    return (
        f"default-src 'none'; script-src 'self' {scripts}; connect-src 'self'; img-src 'self' data:; "
        # Swagger UI styles its elements itself
        "style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
