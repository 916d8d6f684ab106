"""How builders' texts must be written: what may stand in one line, in several, and in an address."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from pydantic import AfterValidator, Field

# beside control characters what breaks a line or turns its direction: with it one text can look like another
_HIDDEN = r"\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069"
_SOMETHING = rf"[^{_HIDDEN}]*[^\s{_HIDDEN}][^{_HIDDEN}]*"
_NO_URL = rf"\s\\<>\"{_HIDDEN}"

MAX_SKILLS = 20


@dataclass(frozen=True)
class Written:
    """A pattern for the document, and the rule in words for whoever breaks it: few can read such patterns."""

    pattern: str
    rule: str

    @cached_property
    def documented(self) -> dict[str, Any]:
        """For a field's `json_schema_extra`."""
        return {"pattern": f"^{self.pattern}$"}

    def check(self, text: str) -> str:
        """The text; raise ValueError with the rule where it breaks it."""
        if not re.fullmatch(self.pattern, text):
            raise ValueError(self.rule)
        return text


LINE = Written(_SOMETHING, "must be one line of text with something to see in it, and no control characters")
LINE_OR_NOTHING = Written(f"({_SOMETHING})?", "must be one line of text without control characters, or empty")
LINES = Written(
    r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*",
    "must be text, with no control characters but tabs and line breaks",
)
# no user before the host: people would take it for the host
ADDRESS = Written(
    rf"(https?://[^/?#@:{_NO_URL}]+(:[0-9]{{1,5}})?([/?#][^{_NO_URL}]*)?)?",
    "must be an http or https address without a user in it, or empty",
)


def _require_each_once(skills: list[str]) -> list[str]:
    if len(set(skills)) < len(skills):
        raise ValueError("must name each skill once")
    return skills


DisplayName = Annotated[
    str,
    Field(min_length=1, max_length=80, examples=["Amina D."], json_schema_extra=LINE.documented),
    AfterValidator(LINE.check),
]
Headline = Annotated[
    str,
    Field(max_length=120, examples=["Builds tools for farmers"], json_schema_extra=LINE_OR_NOTHING.documented),
    AfterValidator(LINE_OR_NOTHING.check),
]
Bio = Annotated[
    str,
    Field(max_length=2_000, examples=["Ten years of maps and data."], json_schema_extra=LINES.documented),
    AfterValidator(LINES.check),
]
Skill = Annotated[
    str, Field(min_length=1, max_length=40, json_schema_extra=LINE.documented), AfterValidator(LINE.check)
]
Skills = Annotated[
    list[Skill],
    Field(max_length=MAX_SKILLS, examples=[["python", "maps"]], json_schema_extra={"uniqueItems": True}),
    AfterValidator(_require_each_once),
]
Location = Annotated[
    str,
    Field(max_length=80, examples=["Nairobi"], json_schema_extra=LINE_OR_NOTHING.documented),
    AfterValidator(LINE_OR_NOTHING.check),
]
Website = Annotated[
    str,
    Field(max_length=200, examples=["https://amina.example.org"], json_schema_extra=ADDRESS.documented),
    AfterValidator(ADDRESS.check),
]
Title = Annotated[
    str,
    Field(min_length=1, max_length=120, examples=["Rain map"], json_schema_extra=LINE.documented),
    AfterValidator(LINE.check),
]
Summary = Annotated[
    str,
    Field(max_length=2_000, examples=["Where it rains, by the hour."], json_schema_extra=LINES.documented),
    AfterValidator(LINES.check),
]
