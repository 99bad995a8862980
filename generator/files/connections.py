"""The connections of one download: all end at its deadline, and none leads into a private network.

In: how long they may last, and whether private addresses are allowed. Out: a `requests` session. A
host that sends a byte now and then cannot stretch the deadline, and what a name resolves to is
looked at before anything is sent there, at every redirect.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
)
from urllib3.util import connection as urllib3_connection

from generator.files.addresses import is_private

_RESOLVE_S = 20.0

Refuse = Callable[[str], Exception]


class Watch:
    """Everything that one download has opened.

    Args:
        private: whether private addresses are allowed.
        refuse: makes the error of an address that is not.

    Attributes:
        over: set once the deadline has passed and every connection was cut.
    """

    def __init__(self, *, private: bool, refuse: Refuse) -> None:
        self.over = threading.Event()
        self._private, self._refuse = private, refuse
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()

    def end(self) -> None:
        """Cuts every connection: whoever waits for one of them goes on with an error."""
        with self._lock:
            self.over.set()
            for one in self._open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Lets go of the sockets."""
        with self._lock:
            for one in self._open:
                one.close()
            self._open.clear()

    def connect(self, asking: HTTPConnection, *, is_direct: bool) -> socket.socket:
        """Resolves a name, refuses it or connects to one of its addresses.

        Args:
            asking: for whom; it knows host, port and time limit.
            is_direct: False on the way to a proxy, which may well be private.
        """
        last: OSError | None = None
        for address in self._addresses(asking, is_direct):
            try:
                opened = urllib3_connection.create_connection(
                    (address, asking.port),
                    asking.timeout,
                    source_address=asking.source_address,
                    socket_options=asking.socket_options,
                )
            except OSError as error:
                last = error
                continue
            with self._lock:
                self._open.append(opened.dup())
            if self.over.is_set():
                self.end()
            return opened
        if isinstance(last, TimeoutError):
            raise ConnectTimeoutError(asking, "the host did not answer in time") from last
        raise NewConnectionError(asking, f"no connection: {last}") from last

    def _addresses(self, asking: HTTPConnection, is_direct: bool) -> list[str]:
        found = _resolved(asking)
        if self._private or not is_direct:
            return found
        public = [one for one in found if not is_private(one)]
        if not public:
            raise self._refuse(found[0])
        return public


@contextmanager
def watched_session(watch: Watch, seconds: float) -> Iterator[requests.Session]:
    """A session whose connections are all watched, and cut after that time."""
    timer = threading.Timer(max(seconds, 0.0), watch.end)
    timer.daemon = True
    timer.start()
    try:
        with requests.Session() as session:
            for scheme in ("http://", "https://"):
                session.mount(scheme, _Adapter(watch))
            yield session
    finally:
        timer.cancel()
        watch.close()


class _Adapter(HTTPAdapter):
    """Makes connections that a `Watch` opens."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """As `requests` calls it, for connections to the host itself."""
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = _pools(self._watch, is_direct=True)

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        """As `requests` calls it, for connections through a proxy."""
        manager = super().proxy_manager_for(*arguments, **options)
        manager.pool_classes_by_scheme = _pools(self._watch, is_direct=False)
        return manager


def _pools(watch: Watch, *, is_direct: bool) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return watch.connect(self, is_direct=is_direct)

    class Encrypted(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return watch.connect(self, is_direct=is_direct)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}


def _resolved(asking: HTTPConnection) -> list[str]:
    """The addresses of a host; a resolver that hangs is not waited for, and Ctrl-C ends it."""
    host = asking.host.strip("[]")
    with suppress(ValueError):
        return [str(ipaddress.ip_address(host))]
    try:
        host.encode("idna")
    except UnicodeError:
        raise LocationParseError(f"'{host}', label empty or too long") from None
    answers: list[Any] = []

    def ask() -> None:
        try:
            family = urllib3_connection.allowed_gai_family()
            answers.append(socket.getaddrinfo(host, asking.port, family, socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_RESOLVE_S)
    answer = answers[0] if answers else socket.gaierror("the name was not resolved in time")
    if isinstance(answer, OSError):
        error = answer if isinstance(answer, socket.gaierror) else socket.gaierror(str(answer))
        raise NameResolutionError(host, asking, error) from answer
    if isinstance(answer, UnicodeError):
        raise LocationParseError(f"'{host}' is no name of a host") from answer
    return list(dict.fromkeys(str(one[4][0]) for one in answer))
