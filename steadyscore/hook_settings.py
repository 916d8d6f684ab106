"""The setting that says who may send hooks; `settings.py` takes it in."""

from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from api.hook_signatures import HookKey, parse_hook_keys


class HookSettings(BaseSettings):
    """Explained in `.env.example`."""

    hook_secrets: Annotated[str | None, Field(repr=False)] = None

    @field_validator("hook_secrets")
    @classmethod
    def _secrets(cls, secrets: str | None) -> str | None:
        if secrets:
            parse_hook_keys(secrets)
        return secrets

    def hook_keys(self) -> tuple[HookKey, ...]:
        """The secrets that hooks are signed with, and whose they are."""
        return parse_hook_keys(self.hook_secrets) if self.hook_secrets else ()
