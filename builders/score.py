"""The Builder Score: what a builder has shipped, who vouches for them, and what their work amounts to.

    shipped_projects   min(points * projects shipped, cap)
    vouches            min(points * people who vouch, cap)
    impact             min(sum over metrics of points * floor(log2(1 + total)), cap): each doubling counts the same
    key_fields         min(points * key fields of the profile that are filled in, cap)

The score is the sum of the four terms. docs/builders.md has a worked example, and says who vouches for whom.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from builders.attributes import MAX_TOTAL
from builders.register import (
    BUILDER_SCORE,
    BUILDERS,
    IMPACT,
    KEY_FIELDS_FILLED,
    METRICS,
    SHIPPED_PROJECTS,
    VOUCHES,
)
from scoring.definitions import ScoreDefinition
from scoring.errors import InvalidDefinition, InvalidInput, ScoreInputError
from scoring.json_values import JsonObject, JsonValue

MAX_POINTS = 1_000_000
MAX_CAP = 100_000_000
"""Four terms of this size are an integer of PostgreSQL's."""

COUNTS: Mapping[str, str] = {
    "shipped_projects": SHIPPED_PROJECTS,
    "vouches": VOUCHES,
    "key_fields": KEY_FIELDS_FILLED,
}
"""The terms that count one attribute, by their name in the config."""
TERMS = ("shipped_projects", "vouches", IMPACT, "key_fields")


@dataclass(frozen=True)
class Term:
    """What a term adds at most, and for each of what it counts."""

    points: Mapping[str, int]
    """By attribute path."""
    cap: int


class BuilderScore:
    """A non-negative integer; the config says what each term counts, and what it adds at most."""

    formula_version = "1"
    compute_mode = "instantaneous"

    def check_definition(self, definition: ScoreDefinition, attribute_types: Mapping[str, str]) -> None:
        """Raise InvalidDefinition for another register, or a config that is not the formula's."""
        del attribute_types
        if definition.register_id != BUILDERS:
            raise InvalidDefinition(f"{BUILDER_SCORE} is a score of register {BUILDERS} alone", field="register_id")
        if definition.weighted_attributes:
            raise InvalidDefinition(
                f"{BUILDER_SCORE} has no weighted attributes; delete the definition and create it with "
                "contributing_attributes, and with the points of each term in score_config",
                field="attribute_name",
            )
        counted = [path for term in read_config(definition.score_config).values() for path in term.points]
        for path in counted:
            if path not in definition.contributing_attributes:
                raise InvalidDefinition(
                    f"contributing_attributes lacks {path}, which {BUILDER_SCORE} counts; name all of "
                    f"{', '.join(counted)}",
                    field="contributing_attributes",
                )

    async def compute_score(
        self, internal_record_id: str, contributing_attribute_values: JsonObject, score_config: JsonObject
    ) -> float:
        """Raise ScoreInputError for a count that is missing or no non-negative integer, or another formula's config."""
        del internal_record_id
        return float(sum(term.points for term in explain(contributing_attribute_values, score_config)))

    def break_down(self, contributing_attribute_values: JsonObject, score_config: JsonObject) -> JsonObject:
        """What each term counted (by attribute) and added, and what it would have added without its cap."""
        return {
            term.name: {"points": term.points, "uncapped": term.uncapped, "counted": dict(term.counted)}
            for term in explain(contributing_attribute_values, score_config)
        }


@dataclass(frozen=True)
class ExplainedTerm:
    """What a term counted, by attribute path, and what it adds to the score."""

    name: str
    points: int
    uncapped: int
    counted: Mapping[str, int]


def explain(values: Mapping[str, JsonValue], score_config: Mapping[str, JsonValue]) -> list[ExplainedTerm]:
    """Each term of the score; raise ScoreInputError as compute_score does."""
    try:
        terms = read_config(score_config)
    except InvalidInput as error:
        raise ScoreInputError(error.detail, field=error.field) from error
    return [_explained(name, term, values) for name, term in terms.items()]


def _explained(name: str, term: Term, values: Mapping[str, JsonValue]) -> ExplainedTerm:
    counted = {path: _count(values, path) for path in term.points}
    # floor(log2(1 + n)) without rounding: the same on every machine
    worth = {path: (count + 1).bit_length() - 1 if name == IMPACT else count for path, count in counted.items()}
    uncapped = sum(points * worth[path] for path, points in term.points.items())
    return ExplainedTerm(name, min(uncapped, term.cap), uncapped, counted)


def _count(values: Mapping[str, JsonValue], path: str) -> int:
    count = values.get(path)
    # type(), as True is an integer to Python; a missing count is no 0, which would take a builder's points away
    if type(count) is not int or not 0 <= count <= MAX_TOTAL:
        raise ScoreInputError(f"{path} must be a whole number from 0 to {MAX_TOTAL}", field=path)
    return count


def read_config(score_config: Mapping[str, JsonValue]) -> dict[str, Term]:
    """The terms by name; raise InvalidDefinition by its field for what is missing, unknown or out of bounds."""
    terms = _object(score_config, "score_config", TERMS)
    return {name: _term(name, terms[name]) for name in TERMS}


def _term(name: str, config: JsonValue) -> Term:
    field = f"score_config.{name}"
    term = _object(config, field, ("points", "cap"))
    cap = _whole(term["cap"], f"{field}.cap", MAX_CAP)
    if name == IMPACT:
        points = _object(term["points"], f"{field}.points", METRICS)
        of_metric = {metric: _whole(points[metric], f"{field}.points.{metric}", MAX_POINTS) for metric in METRICS}
        return Term({f"{IMPACT}.{metric}": worth for metric, worth in of_metric.items()}, cap)
    return Term({COUNTS[name]: _whole(term["points"], f"{field}.points", MAX_POINTS)}, cap)


def _object(value: object, field: str, names: tuple[str, ...]) -> Mapping[str, JsonValue]:
    """The value, if it is an object with exactly these names."""
    if not isinstance(value, Mapping):
        raise InvalidDefinition(f"{field} must be an object with {', '.join(names)}", field=field)
    for name in names:
        if name not in value:
            raise InvalidDefinition(
                f"{field}.{name} is missing; points or a cap of 0 leave it out of the score", field=f"{field}.{name}"
            )
    for name in value:
        if name not in names:
            raise InvalidDefinition(
                f"{field}.{name} has no part in {BUILDER_SCORE}; {field} has {', '.join(names)}",
                field=f"{field}.{name}",
            )
    return value


def _whole(value: JsonValue, field: str, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise InvalidDefinition(f"{field} must be a whole number from 0 to {most}", field=field)
    return value
