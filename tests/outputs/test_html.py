"""The pages are valid HTML: html-validate finds nothing in what is ours; the theme's is left out.

It is one of the tools that `package.json` names; without `npm ci` the tests are skipped.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CHECKER = ROOT / "node_modules/html-validate/bin/html-validate.mjs"
NODE = shutil.which("node")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.node,
    pytest.mark.skipif(NODE is None, reason="no Node here"),
    pytest.mark.skipif(not CHECKER.is_file(), reason="`npm ci` was not called here"),
]

PAGES = (
    "index",
    "q1",
    "q2",
    "q3",
    "lab",
    "about",
    "glossary",
    "404",
    "gallery/pets",
    "gallery/beach",
)
RULES = {
    # `standard` is the language's own rules; these are of accessibility, or told by others.
    "wcag/h32": "off",  # our forms send nothing, so that there is nothing to press
    "prefer-native-element": "off",  # a heading of a card is no heading of the page's contents
    "valid-id": ["error", {"relaxed": True}],
}
_THEMES = re.compile(r"^#__|^html > body > (?!main)(?!.*> article)")
"""The places in a page, as CSS has them, that the theme fills: all but the article."""


def complaints(files: list[Path], folder: Path) -> list[str]:
    """What is wrong with our part of some pages, one line each."""
    config, answer = folder / "html.json", folder / "answer.json"
    rules = {"root": True, "extends": ["html-validate:standard", "html-validate:a11y"]}
    config.write_text(json.dumps(rules | {"rules": RULES}))
    subprocess.run(
        [
            str(NODE),
            str(CHECKER),
            "--config",
            str(config),
            "-f",
            f"json={answer}",
            *map(str, files),
        ],
        capture_output=True,
        timeout=300,
        check=False,  # it fails where it finds anything
    )
    found: list[Any] = json.loads(answer.read_text(encoding="utf-8"))
    return [
        f"{Path(page['filePath']).name}:{one['line']}: {one['ruleId']}: {one['message']}"
        for page in found
        for one in page["messages"]
        if not _THEMES.match(one.get("selector") or "")
    ]


def test_every_kind_of_page_is_valid(site: Path, tmp_path: Path) -> None:
    files = [site / f"{name}.html" for name in PAGES]
    assert all(file.is_file() for file in files)
    assert complaints(files, tmp_path) == []


MISTAKES = {
    "close-order": "<p>a</p></p>",
    "no-dup-id": '<i id="q3-attention"></i>',
    "wcag/h37": '<img src="a.png">',
    "element-permitted-content": "<span><div>a</div></span>",
    "multiple-labeled-controls": '<label>a <input id="a"> <input id="b"></label>',
}


def test_mistakes_of_ours_are_noticed(site: Path, tmp_path: Path) -> None:
    text = (site / "q3.html").read_text(encoding="utf-8")
    page = tmp_path / "q3.html"
    page.write_text(text.replace("</article>", "".join(MISTAKES.values()) + "</article>"))
    found = complaints([page], tmp_path)
    assert [rule for rule in MISTAKES if not any(f" {rule}: " in one for one in found)] == []
