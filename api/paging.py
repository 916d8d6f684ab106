"""Numbered pages, as OpenG2P's envelope asks for them, of lists that are short: one register's, one definition's."""

import math
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar, cast

from fastapi import Depends, Request

from api.envelope_schemas import PaginationRequest, PaginationResponse
from scoring.errors import InvalidInput

T = TypeVar("T")

WHERE = "request_body.pagination_request"


class Paging:
    """The page that was asked for, if any, and what is told of the whole."""

    def __init__(self, wanted: PaginationRequest | None = None) -> None:
        self._wanted = wanted
        self.response: PaginationResponse | None = None

    def page_of(self, rows: Sequence[T], searched: str, fields: Sequence[str]) -> list[T]:
        """The rows of the page; all of them, as they are, where no page was asked for.

        Raises:
            InvalidInput: sort_by or filter_by names none of the fields.
        """
        if self._wanted is None:
            return list(rows)
        chosen = _searched(_filtered(rows, self._wanted.filter_by, fields), self._wanted.search_text, searched)
        chosen = _sorted(chosen, self._wanted.sort_by, fields)
        size = self._wanted.page_size
        self.response = PaginationResponse(number_of_items=len(chosen), number_of_pages=math.ceil(len(chosen) / size))
        begin = (self._wanted.current_page - 1) * size
        return chosen[begin : begin + size]


def _searched(rows: Sequence[T], text: str | None, field: str) -> list[T]:
    wanted = (text or "").casefold()
    return [row for row in rows if wanted in str(getattr(row, field)).casefold()]


def _filtered(rows: Sequence[T], filter_by: str | None, fields: Sequence[str]) -> list[T]:
    if not filter_by:
        return list(rows)
    name, separator, value = filter_by.partition("=")
    if not separator:
        raise InvalidInput("filter_by must be FIELD=VALUE, such as is_enabled=true", field=f"{WHERE}.filter_by")
    read = _reader(name.strip(), fields, "filter_by")
    return [row for row in rows if str(read(row)).casefold() == value.strip().casefold()]


def _sorted(rows: Sequence[T], sort_by: str | None, fields: Sequence[str]) -> list[T]:
    if not sort_by:
        return list(rows)
    return sorted(rows, key=_reader(sort_by.removeprefix("-"), fields, "sort_by"), reverse=sort_by.startswith("-"))


def _reader(name: str, fields: Sequence[str], parameter: str) -> Callable[[Any], Any]:
    if name not in fields:
        raise InvalidInput(f"{parameter} must name one of {', '.join(fields)}", field=f"{WHERE}.{parameter}")
    return lambda row: getattr(row, name)


def _paging(request: Request) -> Paging:
    # a plain body has no place for it
    return cast(Paging, getattr(request.state, "paging", None) or Paging())


CurrentPaging = Annotated[Paging, Depends(_paging)]
