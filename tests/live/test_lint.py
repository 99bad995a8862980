"""The scripts' types and style, where the tools that `package.json` names are installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "node_modules" / ".bin"
pytestmark = [
    pytest.mark.node,
    pytest.mark.slow,
    pytest.mark.skipif(not TOOLS.is_dir(), reason="`npm ci` was not called here"),
]


def complaints(*command: str) -> str:
    tool = shutil.which(command[0], path=str(TOOLS))
    assert tool is not None
    done = subprocess.run(
        [tool, *command[1:]], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    return done.stdout + done.stderr if done.returncode else ""


def test_types() -> None:
    assert complaints("tsc", "--project", "tsconfig.json") == ""


def test_style() -> None:
    assert complaints("eslint", "templates/assets/live", "templates/assets/exercise") == ""
