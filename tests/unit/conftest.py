"""Hypothesis as these tests use it: a slow moment of the machine is no failure."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
