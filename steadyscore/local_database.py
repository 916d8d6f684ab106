"""The database that commands beside `steadyscore up` find: the configured one, else the one that runs in this home."""

from steadyscore.embedded.postgres import EmbeddedPostgres
from steadyscore.errors import SetupError
from steadyscore.settings import Settings

DATABASE = "steadyscore"


def find_database_url(settings: Settings) -> str:
    """Raise SetupError where no database is configured and `steadyscore up` does not run here."""
    if settings.database_url is not None:
        return settings.database_url
    postgres = EmbeddedPostgres(settings.steadyscore_home / "postgres")
    if not postgres.is_listening():
        raise SetupError(
            f"DATABASE_URL is not set, and no `steadyscore up` runs with {settings.steadyscore_home}:"
            " set DATABASE_URL, or start `steadyscore up` first"
        )
    return postgres.url(DATABASE)
