"""Zip files for tests."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """A zip file of these files."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return stream.getvalue()


def write_zip(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """Writes one."""
    path.write_bytes(zipped(files))
    return path
