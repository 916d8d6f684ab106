"""Builders as the core sees them: a register whose records are users, with the attributes that scores are made of."""

from collections.abc import Mapping

from scoring.definitions import SCORED_PURPOSE, RegisterFacts

BUILDERS = "builders"
"""The register's id; there is one."""
BUILDER_SCORE = "BUILDER_SCORE"
"""The score type that `users.builder_score` is a copy of."""

KEY_FIELDS = ("display_name", "headline", "bio", "skills")
"""Of a profile; a change of one of these asks for scores."""
METRICS = ("active_users", "downloads", "stars")
"""Of a project's impact."""

SHIPPED_PROJECTS = "shipped_projects"
VOUCHES = "vouches"
IMPACT = "impact"
KEY_FIELDS_FILLED = "profile.key_fields"

ATTRIBUTES: Mapping[str, str] = {
    SHIPPED_PROJECTS: "integer",
    VOUCHES: "integer",
    **{f"{IMPACT}.{metric}": "integer" for metric in METRICS},
    KEY_FIELDS_FILLED: "integer",
}
"""Counted from users, projects and collaborations: see builders/attributes.py."""

FACTS = RegisterFacts(BUILDERS, SCORED_PURPOSE, ATTRIBUTES, "Builders")
