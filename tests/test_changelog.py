"""CHANGELOG tells of the version that is here, newest first, each with its day.

Above it may stand what has no version yet.
"""

import re
import tomllib
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_newest_version_is_the_one_that_is_here() -> None:
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    if headings[0] == "Unreleased":
        del headings[0]
    releases = [re.fullmatch(r"(\d+\.\d+\.\d+) \((\d{4}-\d\d-\d\d)\)", one) for one in headings]
    found = [(one[1], date.fromisoformat(one[2])) for one in releases if one]
    assert len(found) == len(headings)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert found[0][0] == project["version"]
    days = [day for _, day in found]
    assert days == sorted(days, reverse=True)
