"""Who connects to a socket that this process listens on gets answers without delay."""

import socket

from genlab.server.nodelay import send_at_once


def test_a_connection_inherits_it():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        assert server.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 0
        assert send_at_once() >= 1
        with socket.create_connection(server.getsockname()), server.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
            assert server.fileno() >= 0   # and it is still open


def test_nothing_listens_and_nothing_breaks(monkeypatch):
    monkeypatch.setattr("psutil.Process.net_connections", lambda self, kind: [])
    assert send_at_once() == 0
