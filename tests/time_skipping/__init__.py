"""Temporal's time-skipping test server for tests: `server.time_skipping_server` gives its executable."""
