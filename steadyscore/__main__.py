"""`python -m steadyscore`: the same as the command `steadyscore`."""

from steadyscore.cli import app

app(prog_name="steadyscore")
