"""The servers that `steadyscore up` brings along on a machine that has none: PostgreSQL and Temporal."""
