"""Nothing that students get may hold an answer, in whatever file the author wrote it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.errors import ConfigurationError, PageError
from generator.exercises.guard import refuse_answers
from generator.exercises.notes import accepted_forms, read_worksheets
from generator.pages.render import render_pages
from generator.project.config import SiteConfig
from tests.invented import built, invented_contents, invented_project, invented_result

ANSWER = 'numpy.einsum("ij,jk", a, b)'
SOURCE = f'''"""Products."""
import numpy


def product(a, b):
    """Multiplies."""
    both = {ANSWER}  # (n, n)  ### SOLUTION both
    return both
'''
NOTES = """title: "Products"
introduction: "Fill in."
try_out: "print(product(1, 2))"
blanks:
  both: {hint: "All in one.", why: "It is short."}
"""


def project(
    root: Path, name: str = "", old: str = "", new: str = "", **settings: Any
) -> SiteConfig:
    """A project with an exercise that no page shows; a text of one file may be replaced."""
    config = invented_project(root, **settings)
    (config.content / "exercises").mkdir()
    files = {"exercises/product.py": SOURCE, "exercises/product.yml": NOTES}
    if name and name not in files:
        files[name] = (config.content / name).read_text()
    for file, text in files.items():
        assert old in text or file != name
        (config.content / file).write_text(text.replace(old, new) if file == name else text)
    return config


def refused(config: SiteConfig, **entry: Any) -> str:
    """The error message when the site is rendered."""
    results = [invented_result(**entry)]
    with pytest.raises(PageError) as caught:
        render_pages(config, invented_contents(results, built(results)))
    return str(caught.value)


@pytest.mark.slow
def test_project_that_gives_nothing_away_is_rendered(tmp_path: Path) -> None:
    results = [invented_result()]
    pages, _ = render_pages(project(tmp_path), invented_contents(results, built(results)))
    assert {"downloads/product.py", "downloads/product.ipynb", "gallery/cats.md"} <= pages.keys()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "old", "line"),
    [
        ("q1.md", "It has $N = hw$ tokens.", 3),
        ("exercises/product.py", "Multiplies.", 6),
        ("exercises/product.py", "(n, n)", None),  # on the line of the answer itself
    ],
)
def test_author_s_file_and_line_are_named(
    tmp_path: Path, name: str, old: str, line: int | None
) -> None:
    said = refused(project(tmp_path, name, old, "numpy . einsum('ij,jk', a, b)"))
    place = f"content/{name}" + (f":{line}" if line else "")
    assert said.startswith(f"{place}: students would read an answer here, `{ANSWER}` of")
    assert "the blank `product: both`" in said


@pytest.mark.slow
def test_captions_of_the_gallery_and_the_title_are_searched(tmp_path: Path) -> None:
    config = project(tmp_path)
    assert "students would read" in refused(config, caption=ANSWER)
    assert refused(project(tmp_path / "b", title=ANSWER)).startswith("site_config.yml: students")


@pytest.mark.slow
def test_one_exercise_may_not_give_away_another_s_answer(tmp_path: Path) -> None:
    config = project(tmp_path)
    (config.content / "exercises" / "other.py").write_text("a = 12345678  ### SOLUTION b\n")
    notes = NOTES.replace("both", "b").replace(
        "Fill in.", f"As in {ANSWER[:-1]},)".replace('"', "'")
    )
    (config.content / "exercises" / "other.yml").write_text(notes)
    assert refused(config).startswith("content/exercises/other.yml:2: students would read")


@pytest.mark.slow
def test_instructors_may_read_everything(tmp_path: Path) -> None:
    config = project(tmp_path, "q1.md", "tokens", ANSWER, edition="instructor")
    results = [invented_result()]
    pages, _ = render_pages(config, invented_contents(results, built(results)))
    assert ANSWER in pages["q1.md"]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [("Fill in.", ANSWER, 2), ("print(product(1, 2))", ANSWER, 3), ('"Products"', ANSWER, 1)],
)
def test_line_of_the_notes_that_gives_an_answer_away_is_named(
    tmp_path: Path, old: str, new: str, line: int
) -> None:
    new = f"'{new}'" if old.startswith('"') else new.replace('"', "'")
    config = project(tmp_path, "exercises/product.yml", old, new)
    with pytest.raises(ConfigurationError) as caught:
        read_worksheets(config.content / "exercises")
    [problem] = caught.value.problems
    assert (problem.line, problem.message.split(":")[1]) == (
        line,
        " gives an answer of `both` away",
    )


def test_line_of_a_block_is_not_taken_for_the_place(tmp_path: Path) -> None:
    config = project(tmp_path)
    source = f"def f(a, b):\n    ### BEGIN SOLUTION both\n    {ANSWER}\n    ### END SOLUTION\n"
    source += f"    print()\n    # {ANSWER}\n"
    path = config.content / "exercises" / "product.py"
    path.write_text(source)
    accepted = accepted_forms(read_worksheets(path.parent))
    with pytest.raises(PageError, match=r"^content/exercises/product\.py:6: students"):
        refuse_answers({"downloads/product.py": source}, accepted, config)


def test_file_of_no_known_source_is_named_itself(tmp_path: Path) -> None:
    config = project(tmp_path)
    accepted = accepted_forms(read_worksheets(config.content / "exercises"))
    with pytest.raises(PageError, match=r"^site_config\.yml: students"):
        refuse_answers({"mkdocs.yml": ANSWER}, accepted, config)


@pytest.mark.slow
def test_unknown_exercise_is_reported_with_the_nearest_name(tmp_path: Path) -> None:
    config = project(tmp_path, "q1.md", "tokens", "{{ fill_in('produkt') }}")
    assert refused(config) == (
        "content/q1.md:3: `fill_in` found no exercise `produkt` in content/exercises; "
        "did you mean `product`?"
    )
