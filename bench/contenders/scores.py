"""The two scores as all peers compute them, and the tables they store them in."""

import math
from collections.abc import Callable, Mapping
from typing import Any

PMT_WEIGHTS = {"income": 0.4, "land_area": 0.3, "member_count": 0.3}
FSF_WEIGHTS = {"income": 0.01, "household.member_count": -1.5, "household.meals_per_day": 12.5}

Attributes = Mapping[str, Any]


def pmt_score(attributes: Attributes) -> float:
    """Proxy means test: a weighted sum."""
    score: float = attributes["income"] * PMT_WEIGHTS["income"]
    score += attributes["assets"]["land_area"] * PMT_WEIGHTS["land_area"]
    score += attributes["household"]["member_count"] * PMT_WEIGHTS["member_count"]
    return round(score, 4)


def fsf_score(attributes: Attributes) -> float:
    """Food-security score: a weighted sum, whatever the order of its terms."""
    household = attributes["household"]
    terms = (
        attributes["income"] * FSF_WEIGHTS["income"],
        household["member_count"] * FSF_WEIGHTS["household.member_count"],
        household["meals_per_day"] * FSF_WEIGHTS["household.meals_per_day"],
    )
    return round(math.fsum(terms), 4)


FORMULAS: Mapping[str, Callable[[Attributes], float]] = {"PMT_SCORE": pmt_score, "FSF_SCORE": fsf_score}

TABLES = """
CREATE TABLE g2p_register_scores (
    internal_record_id text NOT NULL,
    score_type text NOT NULL,
    triggered_by_cr_id text NOT NULL,
    revision bigint NOT NULL,
    computed_score double precision NOT NULL,
    computed_at timestamptz NOT NULL,
    PRIMARY KEY (internal_record_id, score_type)
);
CREATE TABLE g2p_register_score_history (
    internal_record_id text NOT NULL,
    score_type text NOT NULL,
    triggered_by_cr_id text NOT NULL,
    revision bigint NOT NULL,
    computed_score double precision NOT NULL,
    computed_at timestamptz NOT NULL,
    PRIMARY KEY (internal_record_id, score_type, revision)
);
"""
"""Keyed so that repeating a computation leaves no second row: what a careful user would write."""

_SAVE = """
WITH computed AS (
    SELECT * FROM unnest(
        CAST({0} AS text[]), CAST({1} AS text[]), CAST({2} AS text[]), CAST({3} AS bigint[]),
        CAST({4} AS double precision[]))
        AS computed(internal_record_id, score_type, triggered_by_cr_id, revision, computed_score)
), newer AS (
    INSERT INTO g2p_register_scores AS score
    SELECT *, clock_timestamp() FROM computed ORDER BY internal_record_id, score_type
    ON CONFLICT (internal_record_id, score_type) DO UPDATE SET
        triggered_by_cr_id = excluded.triggered_by_cr_id, revision = excluded.revision,
        computed_score = excluded.computed_score, computed_at = excluded.computed_at
    WHERE score.revision < excluded.revision
    RETURNING score.*
)
INSERT INTO g2p_register_score_history SELECT * FROM newer ON CONFLICT DO NOTHING
"""
SAVE = _SAVE.format("$1", "$2", "$3", "$4", "$5")
"""For asyncpg: arrays of record ids, score types, change requests, revisions and scores."""

SAVE_BY_NAME = _SAVE.format(":record_ids", ":score_types", ":change_request_ids", ":revisions", ":scores")
"""The same for SQLAlchemy."""
