"""How builders' texts must be written: what may stand in one line, in several, and in an address."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from unicodedata import category

from pydantic import AfterValidator, Field

# with them one text can look like another: controls, what breaks a line or turns its direction, what nobody sees
_REFUSED = {"Cc", "Cf", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"
"""Persian, the scripts of India and emoji cannot be written without them."""
_BLANK = "\u2800\u3164\u115f\u1160\uffa0"
"""Letters and symbols that show nothing."""

# most of what is refused, as the document can tell it: the rest has no short pattern
_INVISIBLE = r"\x7f-\x9f\xad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
_HIDDEN = rf"\x00-\x1f{_INVISIBLE}"
_SOMETHING = rf"[^{_HIDDEN}]*[^\s{_HIDDEN}][^{_HIDDEN}]*"
_NO_URL = rf"\s\\<>\"{_HIDDEN}"

MAX_SKILLS = 20


@dataclass(frozen=True)
class Written:
    """What a text must be, the rule in words for whoever breaks it, and for the document a pattern that comes near."""

    pattern: str
    rule: str
    holds: Callable[[str], bool]

    @property
    def documented(self) -> dict[str, Any]:
        """For a field's `json_schema_extra`."""
        return {"pattern": f"^{self.pattern}$"}

    def check(self, text: str) -> str:
        """The text; raise ValueError with the rule where it breaks it."""
        if not self.holds(text):
            raise ValueError(self.rule)
        return text


def _is_line(text: str) -> bool:
    joined = zip(f" {text}", text, f"{text[1:]} ", strict=False)
    return (
        not _has_refused(text, _JOINERS)
        and any(map(_is_visible, text))
        and all(_is_written(left) and _is_written(right) for left, one, right in joined if one in _JOINERS)
    )


def _is_line_or_nothing(text: str) -> bool:
    return not text or _is_line(text)


def _are_lines(text: str) -> bool:
    return not _has_refused(text, f"{_JOINERS}\t\n\r")


def _is_address(text: str) -> bool:
    return not _has_refused(text) and re.fullmatch(_ADDRESS, text) is not None


def _has_refused(text: str, allowed: str = "") -> bool:
    return any(category(one) in _REFUSED and one not in allowed for one in text)


def _is_visible(one: str) -> bool:
    return category(one)[0] in "LNPS" and one not in _BLANK


def _is_written(one: str) -> bool:
    # a mark is seen with the letter that it belongs to
    return _is_visible(one) or category(one)[0] == "M"


# no user before the host: people would take it for the host
_ADDRESS = rf"(https?://[^/?#@:{_NO_URL}]+(:[0-9]{{1,5}})?([/?#][^{_NO_URL}]*)?)?"

LINE = Written(
    _SOMETHING,
    "must be one line of text with something to see in it, and no control or invisible characters",
    _is_line,
)
LINE_OR_NOTHING = Written(
    f"({_SOMETHING})?",
    "must be one line of text with something to see in it, and no control or invisible characters, or empty",
    _is_line_or_nothing,
)
LINES = Written(
    rf"[^\x00-\x08\x0b\x0c\x0e-\x1f{_INVISIBLE}]*",
    "must be text, with no control characters but tabs and line breaks, and no invisible ones",
    _are_lines,
)
ADDRESS = Written(_ADDRESS, "must be an http or https address without a user in it, or empty", _is_address)


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
