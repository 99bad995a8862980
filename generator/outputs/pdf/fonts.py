"""The fonts of the handout, and the characters that none of them has.

In: the characters to be typeset. Out: a folder of fonts for Typst, and their families in the
order in which Typst tries them. Typst brings fonts for text, code and formulas, matplotlib
brings DejaVu Sans, and the author may provide a folder. Only characters that all of these lack,
such as Chinese ones, are looked for among the fonts of this computer.
"""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import matplotlib
from matplotlib.font_manager import findSystemFonts
from matplotlib.ft2font import FT2Font

from generator.outputs.pdf.typst_calls import Complaint, ask, families_in, pdf_of
from generator.project.overlay import Overlay

TEXT_FONTS = ("Libertinus Serif", "DejaVu Sans")
_DEJAVU = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSans-BoldOblique")
_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
_MISSING = re.compile(r"the text `\"(.+?)\"` could not be displayed")
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
# The regional variants of Han characters, as fonts for Chinese, Japanese and Korean name them.
_REGIONS = ("SC", "TC", "HK", "JP", "KR")
_KANA = frozenset(map(chr, range(0x3041, 0x3100)))
_INVISIBLE = {"Cc", "Cf", "Zs", "Zl", "Zp"}
# A font that claims to have every character, and draws boxes.
_LAST_RESORT = "LastResort"


@dataclass(frozen=True)
class FontSet:
    """Fonts that were put together for one handout.

    Attributes:
        families: in the order in which they are tried for a character.
        borrowed: names of the font files that were taken from this computer.
        missing: characters that no font has.
    """

    families: tuple[str, ...]
    borrowed: tuple[str, ...]
    missing: frozenset[str]


def gather_fonts(characters: Set[str], folder: Path, own: Path | Overlay) -> FontSet:
    """Puts the fonts that a text needs into a folder.

    Args:
        characters: every character of the text.
        folder: empty; Typst looks for fonts only here and among its own.
        own: the author's folder of fonts, if there is one.
    """
    brought = Path(matplotlib.get_data_path(), "fonts", "ttf")
    for name in _DEJAVU:
        shutil.copy(brought / f"{name}.ttf", folder)
    for file in _font_files(Overlay.of(own).files().values()):
        shutil.copy(file, folder)
    missing = _missing(characters, folder)
    borrowed = list(_lenders(missing, _font_files(map(Path, findSystemFonts())))) if missing else []
    for file in borrowed:
        shutil.copy(file, folder)
    families = ask(families_in, "", folder)
    return FontSet(
        families=(*TEXT_FONTS, *ordered_families(set(families) - set(TEXT_FONTS), characters)),
        borrowed=tuple(file.name for file in borrowed),
        missing=_missing(missing, folder) if borrowed else missing,
    )


def ordered_families(families: Set[str], characters: Set[str]) -> list[str]:
    """Families by name; among regional variants of Han characters, the text's own comes first."""
    regions = ("JP", *_REGIONS) if characters & _KANA else _REGIONS

    def place(family: str) -> tuple[str, int]:
        name, _, region = family.rpartition(" ")
        return (name, regions.index(region)) if region in regions else (family, 0)

    return sorted(families, key=place)


def _missing(characters: Set[str], folder: Path) -> frozenset[str]:
    """The characters that Typst refuses to set, because an accessible PDF may not lack any."""
    special = sorted(
        character
        for character in characters
        if not character.isascii() and unicodedata.category(character) not in _INVISIBLE
    )
    if not special:
        return frozenset()
    lines = "\n\n".join(f'#text("{character}")' for character in special)
    source = f'#set document(title: "characters")\n#set text(lang: "en")\n{lines}\n'
    found = ask(pdf_of, source, None, folder, {})
    if not isinstance(found, Complaint):
        return frozenset()
    clusters = "".join(_MISSING.findall(found.diagnostic))
    return frozenset(_ESCAPED.sub(lambda one: chr(int(one[1], 16)), clusters))


def _font_files(paths: Iterable[Path]) -> list[Path]:
    files = (path for path in paths if path.suffix.lower() in _SUFFIXES and path.is_file())
    return sorted(path for path in files if not path.name.startswith(_LAST_RESORT))


def _lenders(missing: Set[str], files: Sequence[Path]) -> Iterator[Path]:
    """A few fonts that have all the characters; among equals the plainest, by name."""
    covered = {file: _characters_of(file) & missing for file in files}
    left = set(missing)
    while left and files:
        best = max(files, key=lambda file: (len(covered[file] & left), *_plainness(file)))
        if not covered[best] & left:
            return
        left -= covered[best]
        yield best


def _plainness(file: Path) -> tuple[bool, bool, list[int]]:
    name = file.name.lower()
    return "regular" in name, "noto" in name, [-ord(character) for character in str(file)]


def _characters_of(file: Path) -> set[str]:
    """The characters that a font file has; none if it cannot be read."""
    try:
        return set(map(chr, FT2Font(str(file)).get_charmap()))
    except (RuntimeError, OSError):
        return set()
