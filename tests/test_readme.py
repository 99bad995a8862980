"""README mentions only what exists."""

import re
from pathlib import Path

import pytest

from generator.detr.zoo import model_names

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_local_links_lead_somewhere() -> None:
    assert "docs/screenshot.webp" in links_of(README)
    assert [link for link in links_of(README) if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("path", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.stem)
def test_links_of_docs_lead_somewhere(path: Path) -> None:
    links = links_of(path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def links_of(text: str) -> list[str]:
    """Local links outside of code."""
    prose = re.sub(r"^ *```.*?^ *```|`[^`\n]+`", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"\]\((?!https?:)([^)#]+)\)", prose)


@pytest.mark.parametrize("name", model_names())
def test_every_model_is_named(name: str) -> None:
    assert f"`{name}`" in README
    settings = (ROOT / "site_config.yml").read_text(encoding="utf-8")
    assert re.search(rf"^#.*\b{name}\b", settings, re.MULTILINE)


def test_every_page_of_docs_is_listed() -> None:
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")}
    assert pages | {"CONTRIBUTING.md", "CHANGELOG.md"} <= set(re.findall(r"\]\(([^)#]+)\)", README))


def test_checks_are_those_of_ci() -> None:
    commands = re.findall(r"```sh\n(pip install .+?)\n```", README)
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "scripts/check" in commands[1]
    assert "scripts/check" in ci
    assert "python -m generator build" in commands[0]
    assert "python -m generator build" in ci
