"""`python -m steadyscore`: the same as the command `steadyscore`."""

from steadyscore.cli import main

main()
