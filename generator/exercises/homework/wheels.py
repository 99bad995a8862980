"""The packages that students get -> wheels, which Python also reads where they lie.

In: this program's own modules, the embedded model, the numbers of the right class. Out: the bytes
of `detr_check` and `detr_small`, the same each time. A module is copied as it is, under another
name: what students run is what is tested here. No file of the exercise goes in.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

from generator.detr.zoo import EMBEDDED, LAB_MODEL
from generator.exercises.homework.notebook import VERSION

_GENERATOR = Path(__file__).parents[2]
_EXERCISES = "generator.exercises"
_CHECK, _SMALL = "detr_check", "detr_small"
# Packages and modules by the name that they have for students; what is longer comes first.
_NAMES = {
    _CHECK: {
        f"{_EXERCISES}.homework.detr_check": _CHECK,
        f"{_EXERCISES}.grading.roles": f"{_CHECK}.roles",
        f"{_EXERCISES}.grading.pieces": f"{_CHECK}.pieces",
        f"{_EXERCISES}.normal_form": f"{_CHECK}.normal_form",
        f"{_EXERCISES}.blanks": f"{_CHECK}.blanks",
        f"{_EXERCISES}.meaning": f"{_CHECK}.meaning",
    },
    _SMALL: {
        f"{_EXERCISES}.homework.detr_small": _SMALL,
        "generator.detr.architecture": f"{_SMALL}.architecture",
        "generator.detr.backbone": f"{_SMALL}.backbone",
        "generator.detr.position_encoding": f"{_SMALL}.position_encoding",
        "generator.detr.transformer": f"{_SMALL}.transformer",
        "generator.detr.model": f"{_SMALL}.model",
    },
}
_WHEN = (2020, 1, 1, 0, 0, 0)


def check_wheel(numbers: str) -> tuple[str, bytes]:
    """The file name and the bytes of `detr_check`.

    Args:
        numbers: of the right class, as JSON.
    """
    files = {**_modules(_CHECK), f"{_CHECK}/numbers.json": numbers.encode()}
    folder = Path(__file__).parent / "detr_check"
    files |= {f"{_CHECK}/{file.name}": file.read_bytes() for file in folder.glob("*.typ")}
    return _wheel(_CHECK, "Checks the DETR exercise and makes the PDF to hand in", files)


def small_wheel() -> tuple[str, bytes]:
    """The file name and the bytes of `detr_small`, the embedded model with its weights."""
    files = _modules(_SMALL)
    for suffix in (".json", ".safetensors"):
        file = EMBEDDED / f"{LAB_MODEL}{suffix}"
        files[f"{_SMALL}/weights/{file.name}"] = file.read_bytes()
    return _wheel(_SMALL, "A small DETR that knows emoji", files)


def _modules(package: str) -> dict[str, bytes]:
    """The modules of a package under their new names."""
    names = _NAMES[package]
    found = {}
    for old, new in names.items():
        place = Path(_GENERATOR.parent, *old.split("."))
        if not place.is_dir():
            own = f"{new}/__init__" if new == package else new
            found[f"{own.replace('.', '/')}.py"] = _renamed(place.with_suffix(".py"), names)
            continue
        for file in sorted(place.glob("*.py")):
            found[f"{new.replace('.', '/')}/{file.name}"] = _renamed(file, names)
    return found


def _renamed(file: Path, names: Mapping[str, str]) -> bytes:
    text = file.read_text(encoding="utf-8")
    for old, new in names.items():
        text = re.sub(rf"\b{re.escape(old)}\b", new, text)
    return text.encode()


def _wheel(name: str, summary: str, files: Mapping[str, bytes]) -> tuple[str, bytes]:
    """A wheel of pure Python, with the same bytes for the same files."""
    info = f"{name}-{VERSION}.dist-info"
    everything = {
        **dict(sorted(files.items())),
        f"{info}/METADATA": (
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {VERSION}\nSummary: {summary}\n"
        ).encode(),
        f"{info}/WHEEL": (
            b"Wheel-Version: 1.0\nGenerator: detr-handout\n"
            b"Root-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    lines = [f"{path},{_digest(content)},{len(content)}" for path, content in everything.items()]
    everything[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,", ""]).encode()
    return f"{name}-{VERSION}-py3-none-any.whl", zipped(everything)


def _digest(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"sha256={digest}"


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip file with the same bytes for the same files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, _WHEN)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # the same on Windows
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()
