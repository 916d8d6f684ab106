"""Records are found by what their words, or their ids, begin with."""

import uuid
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import insert

from objects import a_farmer_register, an_approval
from registry.record_search import search_records
from registry.registers import Page, list_records
from registry.tables import Record
from scoring.errors import InvalidInput
from store.database import Session
from store.pages import ListPage, Part

AMINA = {
    "name": "Amina Ouma-Wanjiru",
    "mother": "N'Golo Élise",
    "email": "amina.ouma@example.org",
    "phone": "+254 700 123-456",
    "income": 3500,
    "assets": {"land_area": 2.1},
    "crops": ["maize", {"kind": "小米"}],
    "married": True,
}


async def a_register(session: Session, *records: dict[str, Any]) -> str:
    """A register with these records, numbered from 0 in their ids."""
    register = (await a_farmer_register(session)).register_id
    for number, attributes in enumerate(records):
        row = {"internal_record_id": f"R{number}-{register}", "register_id": register, "attributes": attributes}
        await session.execute(insert(Record).values(row))
    return register


FIRST = Part(descending=False)


async def search(session: Session, register: str, search_text: str) -> ListPage:
    """The first page of what is found."""
    return await search_records(session, register, search_text, FIRST)


def numbers(page: ListPage) -> list[int]:
    """Which of the register's records were found."""
    return [int(row.internal_record_id[1:].partition("-")[0]) for row in page.rows]


@pytest.mark.parametrize(
    "search_text",
    [
        pytest.param("amina", id="a word"),
        pytest.param("AMI", id="the beginning of a word, in capitals"),
        pytest.param("  ouma\tamina ", id="two words in any order"),
        pytest.param("Ouma-Wan", id="the beginning of a double name"),
        pytest.param("wanjiru", id="the second part of a double name"),
        pytest.param("n'gol", id="an apostrophe"),
        pytest.param("n\u2019golo", id="a curly apostrophe"),
        pytest.param("élise", id="an accent"),
        pytest.param("ÉLI", id="a capital with an accent"),
        pytest.param("amina.ouma@exam", id="the beginning of an address"),
        pytest.param("700", id="a part of a telephone number"),
        pytest.param("3500", id="a number"),
        pytest.param("2.1", id="a nested number"),
        pytest.param("maize", id="in a list"),
        pytest.param("小", id="a letter of another script"),
        pytest.param("R0-", id="the beginning of the id"),
        pytest.param("amina R0", id="a word and the id"),
        pytest.param("Amina & Ouma", id="two words and a sign between them"),
        pytest.param("amina - , ouma", id="two words and signs alone"),
    ],
)
async def test_a_record_is_found_by(session: Session, search_text: str) -> None:
    register = await a_register(session, AMINA, {"name": "Juma", "income": 1})

    assert numbers(await search(session, register, search_text)) == [0]


@pytest.mark.parametrize(
    "search_text",
    [
        pytest.param("mina", id="the end of a word"),
        pytest.param("amina juma", id="words of two records"),
        pytest.param("elise", id="without the accent"),
        pytest.param("r0-", id="the id in another case"),
        pytest.param("income", id="an attribute's name"),
        pytest.param("true", id="a yes or no"),
    ],
)
async def test_a_record_is_not_found_by(session: Session, search_text: str) -> None:
    register = await a_register(session, AMINA, {"name": "Juma", "income": 1})

    assert numbers(await search(session, register, search_text)) == []


@pytest.mark.parametrize(
    "search_text",
    [
        "'",
        "''",
        "\\",
        "\\'",
        "a\\",
        ":*",
        "amina:*b",
        "!amina",
        "(",
        "&",
        "| amina",
        "<->",
        "<2>",
        "*",
        '"',
        "$1",
        "%",
        "a:1A",
    ],
)
async def test_odd_characters_are_looked_for_and_nothing_else(session: Session, search_text: str) -> None:
    register = await a_register(session, {"name": "Juma"})

    assert numbers(await search(session, register, search_text)) == []


@pytest.mark.parametrize("name", ["O'Brien\\", "a:*&b", "x|y", "D'Souza", "Ng'ang'a"])
async def test_a_name_with_odd_characters_and_letters_is_found_as_it_is_written(session: Session, name: str) -> None:
    register = await a_register(session, {"name": f"Amina {name}"}, {"name": "Juma"})

    assert numbers(await search(session, register, f"amina {name}")) == [0]


async def test_a_name_is_found_whichever_apostrophe_it_is_written_with(session: Session) -> None:
    register = await a_register(session, {"name": "Ng'ang'a"}, {"name": "Ng\u2019ang\u2019a"})

    for typed in ("ng'ang'a", "Ng\u2019ANG\u2019", "ng\u2018ang\u2019a"):
        assert numbers(await search(session, register, typed)) == [0, 1]


async def test_nothing_to_look_for_is_refused(session: Session) -> None:
    with pytest.raises(InvalidInput, match="no word") as refused:
        await search(session, "farmers", " \t\u3000")

    assert refused.value.field == "search_text"


TEN = "a b c d e f g h i j"


@pytest.mark.parametrize(
    ("search_text", "what"),
    [
        pytest.param(f"{TEN} k", "more than 10 words; leave some of them out", id="words"),
        pytest.param("! & | ( ) < > * + - / =", "more than 10 words; leave some of them out", id="signs alone"),
        pytest.param(
            TEN.replace(" ", ":") + ":k:l:m:n:o:p:q:r:s:t:u", "more than 20 parts; leave some", id="one long word"
        ),
    ],
)
async def test_more_words_than_are_looked_for_are_refused(session: Session, search_text: str, what: str) -> None:
    with pytest.raises(InvalidInput, match=what) as refused:
        await search(session, "farmers", search_text)

    assert refused.value.field == "search_text"


async def test_a_word_that_stands_twice_counts_once(session: Session) -> None:
    register = await a_register(session, {"name": TEN})

    assert numbers(await search(session, register, f"{TEN} {TEN} & {TEN}")) == [0]


async def test_records_of_other_registers_are_not_found(session: Session) -> None:
    farmers = await a_register(session, AMINA)
    herders = await a_register(session, AMINA, AMINA)

    assert numbers(await search(session, herders, "amina")) == [0, 1]
    assert [row.register_id for row in (await search(session, farmers, "amina")).rows] == [farmers]


async def test_no_word_begins_a_register_id(session: Session) -> None:
    register = await a_register(session, {"name": "Juma"})

    assert numbers(await search(session, register, register[:6])) == []


async def test_a_record_is_found_by_what_it_says_now(session: Session) -> None:
    register = (await a_farmer_register(session)).register_id
    record = (await an_approval(session, register, {"name": "Amina"})).internal_record_id
    await an_approval(session, register, {"name": "Grace"}, record)

    before, now = await search(session, register, "amina"), await search(session, register, "grace")

    assert (list(before.rows), [row.internal_record_id for row in now.rows]) == ([], [record])


async def read_all(session: Session, register: str, search_text: str, part: Part, sorts: int) -> list[str]:
    """The ids on all pages, in their order."""
    found: list[str] = []
    while True:
        page = await search_records(session, register, search_text, part, sorts)
        found += [row.internal_record_id for row in page.rows]
        if page.next is None:
            return found
        part = replace(part, after=page.next)


@pytest.mark.parametrize("sorts", [1_000, 3], ids=["a rare word", "a common word"])
@pytest.mark.parametrize("limit", [1, 2, 3, 4])
async def test_each_record_is_on_one_page(session: Session, limit: int, sorts: int) -> None:
    names = [{"name": "Amina"} if number % 3 else {"name": "Juma"} for number in range(12)]
    register = await a_register(session, *names)
    # as the database sorts ids
    everything = [one.internal_record_id for one in await list_records(session, register, Page())]

    found = await read_all(session, register, "amina", Part(limit, descending=False, looks_at=5), sorts)

    assert found == [one for one in everything if int(one[1:].partition("-")[0]) % 3]


LONGEST = 100_000
DISTINCT = [uuid.UUID(int=number * 7919 * 2**90).hex[:5] for number in range(1, 40_000)]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(DISTINCT, id="many words"),
        pytest.param([f"{one}-{other}" for one, other in pairwise(DISTINCT)], id="double names"),
        pytest.param([f"{one}.org/{one}" for one in DISTINCT], id="addresses"),
        pytest.param(["a" * 3_000 + one for one in DISTINCT], id="words longer than any index takes"),
    ],
)
@pytest.mark.parametrize("length", [LONGEST - 100, 3_000_000], ids=["just short enough", "too long"])
async def test_a_record_with_a_long_text_is_stored_whatever_it_says(
    session: Session, words: list[str], length: int
) -> None:
    name = " ".join(words * (length // len(" ".join(words)) + 1))[:length]

    register = await a_register(session, {"name": name})

    found = numbers(await search(session, register, words[0][:200]))
    assert found == ([0] if length < LONGEST else [])
    assert numbers(await search(session, register, "R0")) == [0]
