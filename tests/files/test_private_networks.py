"""Downloads stay out of private networks, whatever a name resolves to or a host redirects to."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import pytest

from generator.errors import DownloadError, UnavailableError
from generator.files.download import fetch as fetch_from_public_hosts
from tests.files.web import LIMIT, Web, answers, fetch, sends

pytestmark = pytest.mark.usefixtures("quick_and_direct")


PRIVATE = [
    "http://127.0.0.1/x",
    "http://127.1/x",
    "http://2130706433/x",
    "http://0x7f.1/x",
    "http://0/x",
    "http://[::1]/x",
    "http://[::ffff:10.0.0.1]/x",
    "http://[fe80::1]/x",
    "http://[fd00::1]/x",
    "http://[64:ff9b::7f00:1]/x",
    "http://[2002:7f00:1::]/x",
    "http://10.1.2.3/x",
    "http://172.16.0.1/x",
    "http://192.168.1.1/x",
    "http://169.254.169.254/latest/meta-data",
    "http://100.64.0.1/x",
    "http://224.0.0.1/x",
    "http://localhost/x",
    "http://printer.local/x",
    "http://metadata.google.internal/x",
]


@pytest.mark.parametrize("url", PRIVATE)
@pytest.mark.parametrize("proxy", ["", "http://127.0.0.1:9"])
def test_private_addresses_are_refused(
    target: Path, monkeypatch: pytest.MonkeyPatch, url: str, proxy: str
) -> None:
    monkeypatch.setattr(socket.socket, "connect", refuse_to_connect)
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(DownloadError, match=r"leads to .*private_addresses: on"):
        fetch_from_public_hosts(url, target, max_bytes=LIMIT)


def refuse_to_connect(*_: object) -> None:
    raise AssertionError("nothing may be sent there")


def resolves_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    real = socket.getaddrinfo

    def resolve(host: str, *rest: Any, **more: Any) -> list[Any]:
        if host != "pictures.example":
            return real(host, *rest, **more)
        port = rest[0] if rest else more["port"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def test_a_name_that_resolves_to_a_private_address_is_refused(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolves_to(monkeypatch, "192.168.0.7")
    monkeypatch.setattr(socket.socket, "connect", refuse_to_connect)
    with pytest.raises(DownloadError, match=r"pictures\.example/x: leads to 192\.168\.0\.7"):
        fetch_from_public_hosts("http://pictures.example/x", target, max_bytes=LIMIT)


def test_a_redirect_into_a_private_network_is_refused(
    web: Web, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generator.files.connections.is_private", lambda one: one != "127.0.0.1")
    monkeypatch.setattr("generator.files.addresses._is_called_private", lambda _: False)
    resolves_to(monkeypatch, "10.0.0.5")
    elsewhere = answers(302, Location="http://pictures.example/x")
    with pytest.raises(DownloadError, match=r"leads to 10\.0\.0\.5"):
        fetch_from_public_hosts(web.behaves(elsewhere, sends()), target, max_bytes=LIMIT)
    assert len(web.requests) == 1
    assert not target.exists()


def test_a_resolver_that_hangs_is_not_waited_for(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(*_: object, **__: object) -> None:
        time.sleep(5)

    monkeypatch.setattr("generator.files.connections._RESOLVE_S", 0.05)
    monkeypatch.setattr(socket, "getaddrinfo", hang)
    began = time.monotonic()
    with pytest.raises(UnavailableError, match="cannot be reached"):
        fetch("http://host.example/", target, max_bytes=LIMIT)
    assert time.monotonic() - began < 4
