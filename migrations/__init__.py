"""Alembic's migrations: one file a revision, up and down."""
