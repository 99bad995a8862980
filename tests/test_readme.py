"""README mentions only what exists."""

import re
from pathlib import Path

import pytest

from generator.detr.zoo import model_names

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_local_links_lead_somewhere() -> None:
    prose = re.sub(r"`[^`\n]+`", "", README)
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", prose)
    assert "docs/screenshot.webp" in links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("name", ["detr_emoji", "detr_resnet101_dc5", "detr_demo"])
def test_models_are_named_as_they_are_called(name: str) -> None:
    assert name in model_names()
    assert f"`{name}`" in README


def test_checks_are_those_of_ci() -> None:
    commands = re.findall(r"```sh\n(pip install .+?)\n```", README)
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "scripts/check" in commands[1]
    assert "scripts/check" in ci
    assert "python -m generator build" in commands[0]
    assert "python -m generator build" in ci
