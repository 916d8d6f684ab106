"""Carries score requests from PostgreSQL to Temporal."""
