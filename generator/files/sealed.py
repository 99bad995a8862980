"""Files that are kept from build to build, and prove when they are read that they are whole.

In: bytes, or a value of JSON, and a path whose name says what they are. Out: the same, or an
error. A seal at the end of the file holds that name and the digest of what stands before it, so
that neither a flipped bit nor a file under another's name is ever believed.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from generator.files.fingerprint import digest_of
from generator.files.write import replace_file, write_json

_SEAL = re.compile(rb"\nsealed ([\w-]+) (\d+) ([0-9a-f]{64})\n\Z")
_LONGEST_SEAL = 400


def write_sealed(path: Path, content: bytes) -> None:
    """Writes a file and its seal, under a temporary name first."""
    digest = hashlib.sha256(content).hexdigest()
    seal = f"\nsealed {_name(path)} {len(content)} {digest}\n"
    replace_file(path, content + seal.encode())


def read_sealed(path: Path) -> bytes:
    """The content of a sealed file, without its seal.

    Raises:
        ValueError: it has no seal, or that of another file, or is not what was sealed.
        OSError: it cannot be read.
    """
    return _unsealed(path, path.read_bytes())


def is_whole(path: Path, content: bytes) -> bool:
    """Whether bytes are what was sealed under a name, as JSON or otherwise; nothing is read."""
    try:
        _unsealed_json(path, content) if path.suffix == ".json" else _unsealed(path, content)
    except ValueError:
        return False
    return True


def _unsealed(path: Path, content: bytes) -> bytes:
    seal = _SEAL.search(content, max(0, len(content) - _LONGEST_SEAL))
    if seal is None:
        raise ValueError("it is cut short, or has no seal")
    if seal[1].decode() != _name(path):
        raise ValueError(f"it is that of {seal[1].decode()}")
    content = content[: seal.start()]
    if len(content) != int(seal[2]) or hashlib.sha256(content).hexdigest() != seal[3].decode():
        raise ValueError("it is not what was written")
    return content


def is_sealed(path: Path) -> bool:
    """Whether a file has its seal and its length; what is in it is not read."""
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(max(0, size - _LONGEST_SEAL))
            seal = _SEAL.search(stream.read())
    except OSError:
        return False
    return (
        seal is not None and seal[1].decode() == _name(path) and int(seal[2]) + len(seal[0]) == size
    )


def write_sealed_json(path: Path, value: Any) -> None:
    """Writes JSON that people can read, and the digest of it; the same bytes for the same value."""
    plain = json.loads(json.dumps(value))
    write_json(path, {"seal": digest_of([path.name, plain]), "value": plain})


def read_sealed_json(path: Path) -> Any:
    """Reads back what `write_sealed_json` wrote.

    Raises:
        ValueError: it is something else, or of another file.
        OSError: it cannot be read.
    """
    return _unsealed_json(path, path.read_bytes())


def _unsealed_json(path: Path, content: bytes) -> Any:
    whole = json.loads(content.decode())
    if not isinstance(whole, dict) or whole.keys() != {"seal", "value"}:
        raise ValueError("it has no seal")
    if whole["seal"] != digest_of([path.name, whole["value"]]):
        raise ValueError("it is not what was written")
    return whole["value"]


def _name(path: Path) -> str:
    """What a seal calls a file: its name without suffixes."""
    return path.name.partition(".")[0]
