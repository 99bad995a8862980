"""What IPython gives a notebook, in a process that is none: `get_ipython()` and `display`.

In: the calls that IPython's transformer makes of magics and shell commands. Out: files that a cell
writes, and the effect of cells and files that are run; commands are not run.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

_RUN = ("time", "timeit", "capture", "prun", "memit", "lprun", "debug")
_MOST_FILE = 1_000_000


class Shell:
    """Stands in for IPython's shell.

    Attributes:
        written: the files that cells wrote, by name.
        user_ns: the names of the notebook.
    """

    def __init__(self, run: Callable[[str], None], names: dict[str, Any]) -> None:
        """Takes what runs a text, and the names of the notebook."""
        self.written: dict[str, str] = {}
        self.user_ns = names
        self._run = run

    def run_cell_magic(self, name: str, line: str, cell: str) -> None:
        """`%%writefile` writes, `%%time` and others like it run; the rest does nothing."""
        if name in ("writefile", "file"):
            words = shlex.split(line)
            target = next((word for word in words if not word.startswith("-")), "")
            if target and len(cell) < _MOST_FILE:
                path = Path(target)
                path.parent.mkdir(parents=True, exist_ok=True)
                before = path.read_text("utf-8") if "-a" in words and path.exists() else ""
                path.write_text(before + cell, encoding="utf-8")
                self.written[target] = before + cell
        elif name in _RUN:
            self._run(cell)

    def run_line_magic(self, name: str, line: str, *_: object, **__: object) -> Any:
        """`%run` runs a file that a cell wrote, `%time` an expression or a statement."""
        if name == "run":
            target = next(iter(shlex.split(line)), "")
            target = target if target.endswith(".py") else f"{target}.py"
            if target in self.written:
                self._run(self.written[target])
        elif name in ("time", "timeit", "prun"):
            try:
                code = compile(line, "magic", "eval")
            except SyntaxError:
                self._run(line)
            else:
                return eval(code, self.user_ns)
        return None

    def magic(self, line: str) -> Any:
        """As `run_line_magic`, the older way."""
        name, _, rest = line.partition(" ")
        return self.run_line_magic(name, rest)

    def getoutput(self, *_: object, **__: object) -> list[str]:
        """Commands are not run and print nothing."""
        return []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _nothing


def display(*_: object, **__: object) -> None:
    """Shows nothing: there is nobody to look."""


def _nothing(*_: object, **__: object) -> None:
    """Whatever else a shell can do."""
