"""What builders' texts may hold: everything that is read, in every script, and nothing that hides in it."""

import re
import sys
import unicodedata

import pytest

from api.builder_texts import ADDRESS, LINE, LINE_OR_NOTHING, LINES, Written

PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
SINHALA = "\u0dc1\u0dca\u200d\u0dbb\u0dd3"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
HEALTH_WORKER = "\U0001f469\U0001f3fd\u200d\u2695\ufe0f"

WRITTEN = [
    pytest.param("Amina D.", id="letters"),
    pytest.param("7", id="a digit"),
    pytest.param("!", id="punctuation"),
    pytest.param("\u2192", id="a symbol"),
    pytest.param("e\u0301a", id="a letter with a mark"),
    pytest.param(PERSIAN, id="Persian, with a non-joiner"),
    pytest.param(f"{SINHALA} {SINHALA}", id="Sinhala, with joiners after marks"),
    pytest.param(FAMILY, id="emoji that are joined"),
    pytest.param(f"Dr. {HEALTH_WORKER}", id="joined emoji with marks"),
]
NOTHING_TO_SEE = [
    pytest.param(" \u00a0\u2003\u3000", id="spaces"),
    *(pytest.param(one, id=f"U+{ord(one):04X}") for one in "\u2800\u3164\u115f\u1160\uffa0"),
    pytest.param("\u0301", id="a mark alone"),
    pytest.param("\u034f", id="the grapheme joiner"),
    pytest.param("\ufe0f", id="a variation selector"),
    pytest.param("\u200d", id="a joiner alone"),
    pytest.param("\u2800\u200d\u2800", id="a joiner between blanks"),
]
MISPLACED = [
    pytest.param("\u200dAmina", id="a joiner in front"),
    pytest.param("Amina\u200c", id="a non-joiner at the end"),
    pytest.param("A\u200d D", id="a joiner before a space"),
    pytest.param("A\u200c\u200dD", id="two in a row"),
    pytest.param("A\u200d\u3164", id="a joiner before a blank"),
]
HIDDEN = [
    pytest.param(one, id=f"U+{ord(one):04X}")
    for one in (
        *("\x00", "\x1b", "\x7f", "\x85", "\xad", "\u061c", "\u180e", "\u200b", "\u200e", "\u200f"),
        *("\u2028", "\u2029", "\u202a", "\u202e", "\u2060", "\u2064", "\u2066", "\u2069", "\ufeff", "\U000e0041"),
    )
]
BREAKS = [pytest.param(one, id=repr(one)) for one in ("\t", "\n", "\r")]


def is_taken(written: Written, text: str) -> bool:
    """Whether the check lets it pass, as it is."""
    try:
        return written.check(text) == text
    except ValueError:
        return False


@pytest.mark.parametrize("text", WRITTEN)
@pytest.mark.parametrize("written", [LINE, LINE_OR_NOTHING, LINES], ids=["LINE", "LINE_OR_NOTHING", "LINES"])
def test_what_people_write_is_taken(written: Written, text: str) -> None:
    assert is_taken(written, text)


@pytest.mark.parametrize("text", [*NOTHING_TO_SEE, *MISPLACED])
@pytest.mark.parametrize("written", [LINE, LINE_OR_NOTHING], ids=["LINE", "LINE_OR_NOTHING"])
def test_a_line_has_something_to_see_and_joiners_join_it(written: Written, text: str) -> None:
    assert not is_taken(written, text)


@pytest.mark.parametrize("text", HIDDEN)
@pytest.mark.parametrize("written", [LINE, LINE_OR_NOTHING, LINES], ids=["LINE", "LINE_OR_NOTHING", "LINES"])
def test_nothing_hides_among_what_is_seen(written: Written, text: str) -> None:
    assert not is_taken(written, f"a{text}b")


@pytest.mark.parametrize("text", BREAKS)
def test_only_longer_texts_have_lines(text: str) -> None:
    assert not is_taken(LINE, f"a{text}b")
    assert is_taken(LINES, f"a{text}b")


@pytest.mark.parametrize("text", [*HIDDEN, *BREAKS, "\u200c", "\u200d"])
def test_nothing_hides_in_an_address(text: str) -> None:
    assert is_taken(ADDRESS, "https://a.example/b")
    for address in (f"https://a{text}.example", f"https://a.example/{text}b", f"https://a.example{text}"):
        assert not is_taken(ADDRESS, address)


def test_nothing_is_a_text_where_one_may_leave_it_out() -> None:
    assert [is_taken(one, "") for one in (LINE, LINE_OR_NOTHING, LINES, ADDRESS)] == [False, True, True, True]


@pytest.mark.parametrize("written", [LINE, LINE_OR_NOTHING, LINES], ids=["LINE", "LINE_OR_NOTHING", "LINES"])
def test_what_the_documents_pattern_refuses_is_refused(written: Written) -> None:
    pattern = re.compile(written.documented["pattern"])
    characters = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) != "Cs"]

    let_in = [one for one in characters if not pattern.search(f"a{one}b") and is_taken(written, f"a{one}b")]

    assert let_in == []
