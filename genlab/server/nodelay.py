"""Answers leave at once. Streamlit's listening socket does not say that it speaks TCP, so asyncio leaves Nagle's algorithm on, and
the body of an answer waits up to 40 ms for the browser to confirm its headers."""

import os
import socket

import psutil


def send_at_once() -> int:
    """Turn Nagle's algorithm off wherever this process listens; what connects there inherits it. How many sockets that were."""
    listening = [c.fd for c in psutil.Process().net_connections("tcp") if c.status == psutil.CONN_LISTEN and c.fd >= 0]
    for fd in listening:
        with socket.socket(fileno=os.dup(fd)) as twin:   # the option is the socket's, whichever descriptor sets it
            twin.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return len(listening)
