"""The staff console: built files, served as they are. The page runs its own scripts and no others."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI, HTTPException
from fastapi.responses import FileResponse
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from api.console_settings import ConsoleSettings
from api.security_headers import CONSOLE_ASSETS
from api.services import Services

router = APIRouter(include_in_schema=False)

NOT_BUILT = "the console is not built: run `make console`; the wheel and the container image contain it"


class Assets(StaticFiles):
    """Files of a directory that need not be there yet: before the build nothing is found in it."""

    async def check_config(self) -> None:
        """Take the directory as it is, at each request."""


@router.api_route("/", methods=["GET", "HEAD"])
async def show_console(services: Services) -> FileResponse:
    """The page that all of the console happens in."""
    page = services.console.files / "index.html"
    if not page.is_file():
        raise HTTPException(HTTPStatus.NOT_FOUND, NOT_BUILT)
    return FileResponse(page, headers=_headers(services.console))


def mount_assets(app: FastAPI, console: ConsoleSettings) -> None:
    """Serve what the page loads: each file's name tells its contents, so browsers keep it."""
    assets = Assets(directory=console.files / "assets", check_dir=False)
    app.mount(CONSOLE_ASSETS.rstrip("/"), GZipMiddleware(assets))


def _headers(console: ConsoleSettings) -> Mapping[str, str]:
    asked = " ".join(["'self'", *_provider_origins(console)])
    policy = (
        f"default-src 'none'; script-src 'self'; connect-src {asked}; img-src 'self' data:; font-src 'self'; "
        # the component library styles its elements itself
        "style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {"Content-Security-Policy": policy, "Cache-Control": "no-cache"}


def _provider_origins(console: ConsoleSettings) -> tuple[str, ...]:
    return (_origin(console.oidc_issuer), *console.provider_origins) if console.oidc_issuer else ()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
