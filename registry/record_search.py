"""Records found by the beginnings of words in them, or of their ids; the words are people's names and never logged."""

from collections.abc import Iterable
from itertools import chain

from sqlalchemy import ColumnElement, Subquery, cast, func, literal_column, select, text
from sqlalchemy.dialects.postgresql import TSQUERY

from registry.tables import SEARCHED, Record
from scoring.errors import InvalidInput
from store.database import Session
from store.pages import Along, ListPage, Part, read_page, walk

SORTED = 10_000
"""So many matches are sorted for a page, at most; where there are more, a walk along the ids meets them soon enough."""

MAX_WORDS = 10
"""In one search, at most: for each, the index's list of what it begins is read."""

MAX_PARTS = 20
"""Of all words together, what falls apart at hyphens and the like."""

_STRAIGHT = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc", "'"))

_searched: ColumnElement[bool] = literal_column(SEARCHED)

# `simple`: the words as they are, in lower case; a name is of no language
_LEXEMES = text("""
SELECT word, lower(word), tsvector_to_array(to_tsvector('simple', word))
FROM unnest(cast(:words AS text[])) AS word
""")


async def search_records(
    session: Session, register_id: str, search_text: str, part: Part, sorts: int = SORTED
) -> ListPage:
    """A register's records by id, of those in which each word of the text begins a word or the id.

    At most `sorts` are sorted.

    Raises:
        InvalidInput: there is no word in the text, or too many are.
    """
    query = _query(register_id, await _ways(session, _words(search_text)))
    found = select(Record.__table__).where(_matches(query)).limit(_number(sorts + 1)).subquery("found")
    if (await session.scalar(select(func.count()).select_from(found)) or 0) > sorts:
        return await _walk_register(session, register_id, query, part)
    return await _sort_found(session, found, part)


def _words(search_text: str) -> list[str]:
    """Each once; a sign between names is none, unless there is nothing else."""
    written = dict.fromkeys(search_text.split())
    if not written:
        raise InvalidInput("search_text holds no word to look for", field="search_text")
    words = [word for word in written if any(map(str.isalnum, word))] or list(written)
    if len(words) > MAX_WORDS:
        raise _too_many(f"more than {MAX_WORDS} words")
    return words


async def _ways(session: Session, words: list[str]) -> list[str]:
    """Of each word, whatever of it may begin words of a record."""
    spellings = [_spellings(word) for word in words]
    rows = [tuple(row) for row in await session.execute(_LEXEMES, {"words": list(chain(*spellings))})]
    if sum(len(lexemes) for *_, lexemes in rows) > MAX_PARTS:
        raise _too_many(f"words of more than {MAX_PARTS} parts")
    beginnings = {row[0]: _beginnings(*row) for row in rows}
    return [_either(beginnings[spelling] for spelling in own) for own in spellings]


def _too_many(what: str) -> InvalidInput:
    return InvalidInput(f"search_text holds {what}; leave some of them out", field="search_text")


def _spellings(word: str) -> list[str]:
    """With either apostrophe: keyboards type the straight one, word processors and telephones the curly one."""
    straight = word.translate(_STRAIGHT)
    return list(dict.fromkeys([word, straight, straight.replace("'", "\u2019")]))


def _beginnings(word: str, in_lower_case: str, lexemes: list[str]) -> list[str]:
    """A word of an address or a number is a word as a whole; others fall apart, at a hyphen or an apostrophe."""
    ways = [_beginning(word), _beginning(in_lower_case)]
    if lexemes:
        ways.append("(" + " & ".join(map(_beginning, lexemes)) + ")")
    return ways


def _either(ways: Iterable[list[str]]) -> str:
    return "(" + " | ".join(dict.fromkeys(chain.from_iterable(ways))) + ")"


def _query(register_id: str, words: list[str]) -> ColumnElement[str]:
    whole = " & ".join([_quoted(f" {register_id}"), *words])
    # as a subquery: whatever the planner knows of the words, it takes the index
    return select(cast(whole, TSQUERY)).scalar_subquery()


def _beginning(lexeme: str) -> str:
    return f"{_quoted(lexeme)}:*"


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def _matches(query: ColumnElement[str]) -> ColumnElement[bool]:
    return _searched.bool_op("@@")(query)


async def _sort_found(session: Session, found: Subquery, part: Part) -> ListPage:
    walked = walk(select(found), Along(found.c.internal_record_id, found.c.internal_record_id), part)
    return await read_page(session, select(walked), walked, [], part)


async def _walk_register(session: Session, register_id: str, query: ColumnElement[str], part: Part) -> ListPage:
    rows = select(Record.__table__).where(Record.register_id == register_id)
    walked = walk(rows, Along(Record.internal_record_id, Record.internal_record_id), part)
    return await read_page(session, select(walked), walked, [_matches(query)], part)


def _number(number: int) -> ColumnElement[int]:
    # see store.pages.Part.last_place
    return literal_column(str(number))
