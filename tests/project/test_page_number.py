"""`pages:` of the settings."""

from pathlib import Path

import pytest

from generator.errors import ConfigurationError
from generator.project.config import load_config


def pages(root: Path, written: str) -> object:
    for name in ("content", "templates"):
        (root / name).mkdir(exist_ok=True)
    (root / "content/gallery.yml").write_text("images: []\n")
    (root / "site_config.yml").write_text(f"title: T\n{written}\n")
    return load_config(root / "site_config.yml").pages


@pytest.mark.parametrize(
    ("written", "read"), [("", "all"), ("pages: all", "all"), ("pages: none", 0), ("pages: 20", 20)]
)
def test_a_word_or_a_number(written: str, read: object, tmp_path: Path) -> None:
    assert pages(tmp_path, written) == read


@pytest.mark.parametrize("written", ["on", "-1", "2.5", "99999999", '"20"', "som"])
def test_anything_else_is_a_problem(written: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="`all`, `none` or a whole number of images"):
        pages(tmp_path, f"pages: {written}")
