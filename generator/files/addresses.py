"""Addresses on the web: whether they can be fetched, and what of them may be shown.

In: an address. Out: the same without secrets, or an error. Nothing is sent.
"""

from __future__ import annotations

import re
from contextlib import suppress
from urllib.parse import urlsplit

from generator.errors import DownloadError


def without_secrets(url: str) -> str:
    """The address without user, password and query, so that it may be shown."""
    return re.sub(r"(?s)(?<=//)[^/?#]*@|[?#].*", "", url)


def check_address(url: str) -> None:
    """Raises a DownloadError unless the address is one of http or https, with a host."""
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return
    raise DownloadError(f"{without_secrets(url)}: expected an http or https address")
