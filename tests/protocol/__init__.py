"""For the test of the whole protocol: the real database in synchronous steps, a played Temporal, and what must hold."""
