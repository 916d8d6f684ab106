"""The core: what a change touches, when a score is due, how it is computed. Standard library only; no I/O, no clock."""
