"""Searches everything that students get for answers, before any of it is written.

In: the texts of pages, downloads and settings of the student's edition, and the exercises.
Out: nothing, or a `PageError` that names the author's file that gives an answer away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from generator.errors import PageError
from generator.exercises.fill_in import FOLDER
from generator.exercises.leaks import GivenAway, given_away
from generator.project.config import SiteConfig
from generator.project.overlay import content_of, templates_of
from generator.project.source_lines import Sources


def refuse_answers(
    files: Mapping[str, str], accepted: Mapping[str, Sequence[str]], config: SiteConfig
) -> None:
    """Refuses files of the student's edition that hold an answer.

    Args:
        files: text by file name.
        accepted: every form of every answer, by exercise and blank, also of exercises that no page
            shows.
        config: of the project that the files are made from.

    Raises:
        PageError: names the blank, the source, and its line if a single line holds the answer.
    """
    for name, text in files.items():
        for leak in given_away(text, accepted):
            raise PageError(
                f"{_place(_sources(name, config), leak, config) or name}: students would "
                f"read an answer here, `{leak.answer}` of the blank `{leak.blank}`; say it in "
                "other words or, on a page, put it between `{% call answer() %}` and "
                "`{% endcall %}`"
            )


def _sources(name: str, config: SiteConfig) -> list[Path]:
    """The sources of a file, the likeliest first."""
    file, content = PurePosixPath(name), content_of(config)
    settings = config.root / "site_config.yml"
    if file.parts[0] == FOLDER:  # what the YAML says of its own exercise was searched already
        suffix = ".py" if file.suffix == ".py" else ".yml"
        return [content.file(f"exercises/{file.stem}{suffix}")]
    if file.suffix != ".md":
        return [settings, content.file("claims.yml")]
    own = [content.file(name), templates_of(config).file("image.md.j2")]
    others = [config.gallery, content.file("claims.yml"), settings]
    return [*own[len(file.parts) - 1 :][:1], *others]


def _place(sources: Sequence[Path], leak: GivenAway, config: SiteConfig) -> str:
    """The source and line of an answer; the first source alone if no line holds it."""
    labels = []
    for path in sources:
        labels.append(Sources(config).label(path))
        source = path.read_text(encoding="utf-8") if path.is_file() else ""
        for number, line in _unmarked(source):
            if [*given_away(line, {leak.blank: (leak.answer,)})]:
                return f"{labels[-1]}:{number}"
    return labels[0] if labels else ""


def _unmarked(source: str) -> Iterator[tuple[int, str]]:
    """The lines with their numbers, except those that an exercise marks as answers."""
    is_block = False
    for number, line in enumerate(source.splitlines(), start=1):
        is_block = (is_block or "### BEGIN SOLUTION" in line) and "### END SOLUTION" not in line
        if not is_block and "### SOLUTION" not in line:
            yield number, line
