"""What a builder's scores are made of, counted from users, projects and collaborations as they are now."""

from collections.abc import Collection, Mapping

from sqlalchemy import text

from builders.register import ATTRIBUTES, KEY_FIELDS, METRICS
from scoring.json_values import JsonObject
from store.database import Session

MAX_TOTAL = 10**15
"""No total of a metric counts for more; JSON's readers take it exactly."""

_FILLED = " + ".join(f"({name} <> '{'[]' if name == 'skills' else ''}')::integer" for name in KEY_FIELDS)
_TOTALS = ", ".join(f"least(coalesce(sum({metric}), 0), {MAX_TOTAL})::bigint AS {metric}" for metric in METRICS)
_OWNED = ", ".join(f"owned.{metric}" for metric in METRICS)

# A vouch is a pair of people: once, however many projects they share, and whoever of them owns these.
COUNTED = f"""
SELECT one.user_id, owned.shipped_projects, vouched.vouches, {_OWNED}, {_FILLED} AS key_fields
FROM users AS one
CROSS JOIN LATERAL (
    SELECT count(*) AS shipped_projects, {_TOTALS} FROM projects WHERE owner_id = one.user_id AND status = 'shipped'
) AS owned
CROSS JOIN LATERAL (
    SELECT count(*) AS vouches FROM (
        SELECT collaborator.user_id FROM projects JOIN project_collaborators AS collaborator USING (project_id)
        WHERE owner_id = one.user_id AND collaborator.status = 'confirmed'
        UNION
        SELECT owner_id FROM project_collaborators AS collaborator JOIN projects USING (project_id)
        WHERE collaborator.user_id = one.user_id AND collaborator.status = 'confirmed'
    ) AS person
) AS vouched
"""
"""In the order of the register's attributes, after the user's id; for a WHERE clause over `one`."""

_OF_USERS = text(f"{COUNTED} WHERE one.user_id = ANY(:user_ids)")


async def count_attributes(session: Session, user_ids: Collection[str]) -> Mapping[str, JsonObject]:
    """The attributes of these users by dot path; call it while they are locked, and they stay true until the commit."""
    rows = await session.execute(_OF_USERS, {"user_ids": list(user_ids)})
    return {user_id: as_attributes(counts) for user_id, *counts in rows}


def as_attributes(counts: Collection[int]) -> JsonObject:
    """What `COUNTED` counted of one user, by dot path."""
    return dict(zip(ATTRIBUTES, counts, strict=True))
