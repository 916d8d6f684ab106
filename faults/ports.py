"""Ports that stay a server's own while it is down."""

import random
import socket

# Below what kernels give to outgoing connections: those would take the port of a server that is down, and a client on
# loopback could even connect to itself. Temporal's table of members holds no port above 32,767 either.
_PORTS = range(20_000, 32_000)


def stable_port() -> int:
    """Return a port that nothing listened on a moment ago and that no outgoing connection gets."""
    while True:
        port = random.choice(_PORTS)  # noqa: S311 - no secret
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
