"""A port nobody listens on."""

import socket
from contextlib import closing


def free_port() -> int:
    """Return a port nobody listens on."""
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
