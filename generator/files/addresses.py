"""Addresses on the web: whether they can be fetched, and what of them may be shown.

In: an address. Out: the same without secrets, or an error. Nothing is sent or resolved.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from contextlib import suppress
from urllib.parse import urlsplit

from generator.errors import DownloadError


def without_secrets(url: str) -> str:
    """The address without user, password and query, so that it may be shown."""
    return re.sub(r"(?s)(?<=//)[^/?#]*@|[?#].*", "", url)


_LOCAL_NAME = re.compile(r"(^|\.)(localhost|localdomain|local|internal)\.?$", re.IGNORECASE)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def check_address(url: str, *, private: bool = True) -> None:
    """Raises a DownloadError unless the address is one of http or https, with a host.

    Args:
        private: whether the host may be this machine, or in its own network, by what it is called.
    """
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            if private or not _is_called_private(parts.hostname):
                return
            raise refused_private(url, parts.hostname)
    raise DownloadError(f"{without_secrets(url)}: expected an http or https address")


def refused_private(url: str, host: str) -> DownloadError:
    """The error of an address that leads into a private network."""
    return DownloadError(
        f"{without_secrets(url)}: leads to {host}, which is this machine or in its own "
        "network; if that is meant, write `private_addresses: on` into site_config.yml"
    )


def is_private(address: str) -> bool:
    """Whether an IP address is anything but one of a public host."""
    one = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(one, ipaddress.IPv6Address):
        inner = one.ipv4_mapped or one.sixtofour or (one.teredo[1] if one.teredo else None)
        if one in _NAT64:
            inner = ipaddress.IPv4Address(int(one) & 0xFFFFFFFF)
        if inner is not None:
            return is_private(str(inner))
    return not one.is_global or one.is_multicast


def _is_called_private(host: str) -> bool:
    """Whether a host's name or number says that it is private; other names have to be resolved."""
    with suppress(ValueError):
        return is_private(host)
    with suppress(OSError, UnicodeError):  # old spellings of numbers, such as 127.1 and 0x7f000001
        return is_private(socket.inet_ntoa(socket.inet_aton(host)))
    return _LOCAL_NAME.search(host) is not None
