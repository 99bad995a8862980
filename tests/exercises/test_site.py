"""The shipped prose with the exercise, as sites of both editions: what students can read."""

from __future__ import annotations

import gzip
import html
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pytest
from mkdocs.utils import get_theme_dir

from generator.errors import PageError
from generator.exercises.answer_check import judge
from generator.exercises.leaks import given_away
from generator.exercises.normal_form import normal_text
from generator.exercises.notes import Worksheet, accepted_forms
from generator.files.folders import BuildFolder
from generator.outputs.website import stage_website
from generator.pages.render import write_pages
from generator.project.config import SiteConfig
from tests.exercises.browser import CHROMIUM, Browser
from tests.exercises.conftest import CONTENT
from tests.exercises.forms import RIGHT, WRONG
from tests.exercises.test_answer_check import NAMES
from tests.invented import (
    TEMPLATES,
    built,
    invented_contents,
    invented_project,
    invented_result,
    paint,
)

pytestmark = pytest.mark.slow

PICTURES = {".webp", ".png", ".jpg"}
TELLING = (
    "backbone.fc", "nn.Conv2d(2048", "(2048,hidden_dim", "nn.Transformer(hidden_dim", "d_model=",
    "num_classes+1", "1+num_classes", "nn.Linear(hidden_dim,4", "num_queries,hidden_dim",
    "hidden_dim//2", "col_embed[:w", "row_embed[:h", "0.1*cells", "cells*0.1", "cells/10",
    "query_pos.unsqueeze", "query_pos[:,None", ".sigmoid()", "torch.sigmoid",
)  # fmt: skip
"""Pieces of text that give an answer of this exercise away; without white space."""


def site_of(root: Path, edition: Literal["student", "instructor"]) -> Path:
    """Builds the shipped content with a gallery of two invented results."""
    results = [invented_result("cats", 2), invented_result("nothing", 0)]
    config = SiteConfig(
        root=CONTENT.parent,
        title="A handout",
        content=CONTENT,
        templates=TEMPLATES,
        edition=edition,
    )
    folder = BuildFolder(root / "build")
    write_pages(config, invented_contents(results, built(results)), folder)
    paint(folder.path, results)
    stage_website(folder)
    return folder.staged_site.rename(folder.site)


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return site_of(tmp_path_factory.mktemp("student"), "student")


@pytest.fixture(scope="module")
def instructor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return site_of(tmp_path_factory.mktemp("instructor"), "instructor")


def texts(build: Path) -> dict[str, str]:
    """Every file that a build wrote, as text.

    Pictures are the tests' own, and what the theme ships is left out where it is byte for byte
    what the theme ships: megabytes of scripts.
    """
    theme = Path(get_theme_dir("material"), "assets")
    shipped = {path.read_bytes() for path in theme.rglob("*") if path.is_file()}
    found = {}
    for path in sorted(build.rglob("*")):
        if path.is_file() and path.suffix not in PICTURES:
            content = path.read_bytes()
            if content in shipped:
                continue
            if path.suffix == ".gz":
                content = gzip.decompress(content)
            name = path.relative_to(build).as_posix()
            found[name] = content.decode("utf-8", errors="replace")
    return found


def test_no_file_of_the_student_edition_holds_an_answer(
    student: Path, worksheet: Worksheet
) -> None:
    accepted = accepted_forms([worksheet])
    files = texts(student.parent)
    assert {"site/q1.html", "docs/q1.md", "mkdocs.yml"} <= files.keys()
    assert {"site/search/search_index.json", "site/downloads/minimal_detr.ipynb"} <= files.keys()
    assert {"site/assets/exercise/form.js", "site/search/search_index.js"} <= files.keys()
    for name, text in files.items():
        assert list(given_away(text, accepted)) == [], name
        assert "solution" not in name
        bare = normal_text(html.unescape(re.sub("<[^<>]*>", "", text)))
        assert [piece for piece in TELLING if piece in bare] == [], name


def test_the_same_search_finds_every_answer_in_the_instructor_edition(
    instructor: Path, worksheet: Worksheet
) -> None:
    accepted = accepted_forms([worksheet])
    files = texts(instructor.parent)
    wanted = {(name, form) for name, forms in accepted.items() for form in forms}
    for name in ("docs/q1.md", "site/q1.html", "site/search/search_index.json"):
        found = {(leak.blank, leak.answer) for leak in given_away(files[name], accepted)}
        assert found == wanted, name
    for name in ("minimal_detr_solution.py", "minimal_detr_solution.ipynb"):
        leaks = list(given_away(files[f"site/downloads/{name}"], accepted))
        assert {leak.blank for leak in leaks} == accepted.keys(), name
    bare = normal_text(html.unescape(re.sub("<[^<>]*>", "", files["site/q1.html"])))
    assert [piece for piece in TELLING if piece not in bare] == []


def test_downloads_are_those_of_the_edition(student: Path, instructor: Path) -> None:
    both = {"minimal_detr.py", "minimal_detr.ipynb"}
    solution = {"minimal_detr_solution.py", "minimal_detr_solution.ipynb"}
    others, model = {"hand_in.ipynb", "scenes.json"}, {"hand_in_solution.ipynb"}
    all_of = {name: {path.name for path in (name / "downloads").iterdir()}
              for name in (student, instructor)}  # fmt: skip
    assert all_of[student] == both | others
    assert all_of[instructor] == both | solution | others | model
    for site, names in ((student, both), (instructor, both | solution)):
        links = re.findall(r'<a download="([^"]+)" href="downloads/([^"]+)"', page_of(site))
        assert {(name, name) for name in names} == set(links)


def page_of(site: Path) -> str:
    return (site / "q1.html").read_text(encoding="utf-8")


def test_student_page_has_a_labelled_box_for_each_blank(student: Path) -> None:
    page = page_of(student)
    boxes = re.findall(r'<input id="([^"]+)" type="text"[^>]*aria-describedby="([^"]+)"', page)
    assert '<label for="minimal_detr-name">' in page
    assert len(boxes) == 12
    for box, verdict in boxes:
        assert f'<label for="{box}">' in page
        [live] = re.findall(rf'<p [^>]*id="{verdict}"[^>]*>', page)
        assert 'role="status"' in live
        assert 'aria-live="polite"' in live
    scripts = re.findall(r'<script src="assets/exercise/([a-z]+)\.js" defer', page)
    assert scripts == [*NAMES, "page"]
    assert set(scripts) == {path.stem for path in (student / "assets" / "exercise").iterdir()}
    assert " style=" not in page.partition('class="fill-in"')[2].partition("<footer")[0]
    assert "Usual mistakes" not in page


def test_instructor_page_has_answers_and_no_box(instructor: Path) -> None:
    page = page_of(instructor)
    assert page.count("<strong>Usual mistakes.</strong>") == 12
    assert page.count("<strong>Why.</strong>") == 12
    assert "blank-check" not in page
    assert 'data-check="' not in page
    assert "assets/exercise/" not in page


def test_edition_that_changes_removes_its_solution(tmp_path: Path) -> None:
    results = [invented_result()]
    contents = invented_contents(results, built(results))
    for edition, expected in (("instructor", True), ("student", False)):
        config = invented_project(tmp_path, edition=edition)
        folder = config.content / "exercises"
        folder.mkdir(exist_ok=True)
        for path in (CONTENT / "exercises").glob("minimal_detr.*"):
            (folder / path.name).write_bytes(path.read_bytes())
        write_pages(config, contents, BuildFolder(tmp_path / "build"))
        solution = tmp_path / "build" / "docs" / "downloads" / "minimal_detr_solution.py"
        assert solution.exists() is expected


def test_prose_that_gives_an_answer_away_is_refused_for_students_only(tmp_path: Path) -> None:
    text = "# Q1 The model\n\nWrite `nn.Linear(hidden_dim,4)`.\n"
    results = [invented_result()]
    config = invented_project(tmp_path, {"q1.md": text})
    folder = config.content / "exercises"
    folder.mkdir()
    for path in (CONTENT / "exercises").glob("minimal_detr.*"):
        (folder / path.name).write_bytes(path.read_bytes())
    contents = invented_contents(results, built(results))
    with pytest.raises(PageError, match=r"content/q1\.md:3: students would read an answer"):
        write_pages(config, contents, BuildFolder(tmp_path / "build"))
    assert not (tmp_path / "build").exists()
    write_pages(
        invented_project(tmp_path, {"q1.md": text}, edition="instructor"),
        contents,
        BuildFolder(tmp_path / "build"),
    )


BOX = "document.querySelectorAll('.blank-check')[{}]"
VERDICT = BOX + ".querySelector('.blank-verdict').textContent"
LISTING = "document.querySelector('.fill-in .highlight code').textContent"
SUBMIT = """%s.map(([number, text]) => {
  const box = document.querySelectorAll('.blank-check')[number];
  box.querySelector('input').value = text;
  box.requestSubmit();
  return box.querySelector('.blank-verdict').textContent;
})"""
LEADS = {"right": "Right. ", "mistake": "Not yet. ", "unknown": "Not recognised. "}


class Page:
    """The exercise in a browser, opened from a file."""

    def __init__(self, browser: Browser, site: Path) -> None:
        self.browser = browser
        self.address = (site / "q1.html").as_uri()
        browser.open(self.address)

    def verdict(self, number: int) -> str:
        return str(self.browser.evaluate(VERDICT.format(number - 1)))

    def type_into(self, number: int, text: str) -> None:
        self.browser.evaluate(BOX.format(number - 1) + ".querySelector('input').focus()")
        self.browser.evaluate("document.activeElement.value = ''")
        self.browser.type(text)

    def check(self, number: int, text: str) -> str:
        self.type_into(number, text)
        self.browser.press("Enter", 13, "\r")
        return self.verdict(number)

    def submit(self, answers: Sequence[tuple[int, str]]) -> list[str]:
        """The verdict on each answer; all are given at once, by a script, and none is typed."""
        return [str(one) for one in self.browser.evaluate(SUBMIT % json.dumps(answers))]

    def count(self) -> str:
        return str(self.browser.evaluate("document.querySelector('.exercise-count').textContent"))

    def click(self, selector: str) -> None:
        self.browser.evaluate(f"document.querySelector({selector!r}).click()")

    def states(self) -> list[str]:
        """The state of each place in the listing."""
        script = "Array.from(document.querySelectorAll('.blank-live'), (one) => one.ariaLabel)"
        return [str(label) for label in self.browser.evaluate(script)]


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_answers_are_checked_in_a_page_opened_from_a_file(
    student: Path, worksheet: Worksheet
) -> None:
    notes = list(worksheet.notes.values())
    with Browser() as browser:
        page = Page(browser, student)
        assert (page.count(), page.verdict(5)) == ("0 of 12 right", "")
        verdict = page.check(5, " nn.Linear( hidden_dim,4 )  # a box")
        assert verdict.startswith("Right. Centre x, centre y")
        assert page.count() == "1 of 12 right"

        page.type_into(12, "self.linear_bbox(answers)")
        browser.press("Tab", 9)
        assert browser.evaluate("document.activeElement.textContent") == "Check"
        browser.press(" ", 32, " ")
        assert page.verdict(12) == f"Not yet. {notes[11].mistakes[0].says}"
        assert browser.evaluate("document.querySelector('[aria-invalid=true]').value")

        verdict = page.check(1, "nonsense")
        assert verdict.startswith("Not recognised. There is no nonsense here. ")
        assert "python -m generator" not in verdict  # which needs the answers
        assert "notebook" in verdict
        browser.type("!")
        assert page.verdict(1) == ""  # the verdict was on another answer

        for number, one in enumerate(notes, start=1):
            assert page.check(number, one.accepted[-1]).startswith("Right. ")
        assert page.count() == "12 of 12 right. That is the whole class: well done."

        browser.open((student / "index.html").as_uri())
        browser.open(page.address)
        assert page.count().startswith("12 of 12 right")  # what was typed is kept


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_page_judges_every_typed_form_as_python_does(student: Path, worksheet: Worksheet) -> None:
    forms = [
        (number, name, form.replace("\n", " "))  # as a box of one line takes it
        for number, name in enumerate(worksheet.notes)
        for form in (*RIGHT[name], *WRONG[name])
    ]
    with Browser() as browser:
        page = Page(browser, student)
        verdicts = page.submit([(number, form) for number, _, form in forms])
        number, _, form = forms[-1]
        assert page.check(number + 1, form) == verdicts[-1]  # as if it were typed
    assert [
        (name, form, verdict)
        for (_, name, form), verdict in zip(forms, verdicts, strict=True)
        if not verdict.startswith(LEADS[judge(worksheet, name, form).verdict])
    ] == []


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_listing_fills_while_the_reader_types(student: Path, worksheet: Worksheet) -> None:
    exercise = worksheet.exercise
    filled = exercise.with_answers({})
    with Browser() as browser:
        page = Page(browser, student)
        assert browser.evaluate(LISTING) == exercise.student
        assert page.states() == [f"Blank {one.number}, empty: ____" for one in exercise.places]
        page.type_into(7, "self.col_embed = nn.Parameter(torch.zeros( 50, 7 ))  # half")
        assert "self.row_embed = nn.Parameter(torch.zeros( 50, 7 ))  #" in browser.evaluate(LISTING)
        assert page.states()[6:8] == ["Blank 7, not checked: torch.zeros( 50, 7 )"] * 2
        assert page.check(5, "nn.Linear(4, hidden_dim)").startswith("Not yet. ")
        assert page.states()[4] == "Blank 5, not yet: nn.Linear(4, hidden_dim)"

        for number, blank in enumerate(exercise.blanks, start=1):
            page.check(number, blank.answer)
        assert browser.evaluate(LISTING) == filled
        browser.evaluate(
            "HTMLAnchorElement.prototype.click = function () {"
            "  const request = new XMLHttpRequest();"
            "  request.open('GET', this.href, false); request.send();"
            "  window.saved = [this.download, request.responseText]; }"
        )
        page.browser.evaluate("document.querySelector('.exercise-download').click()")
        name, text = browser.evaluate("window.saved")
        assert name == "minimal_detr.py"
        assert text == filled


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_starting_over_asks_first(student: Path) -> None:
    def is_open() -> bool:
        return bool(browser.evaluate("document.querySelector('.exercise-dialog').open"))

    with Browser() as browser:
        page = Page(browser, student)
        page.check(5, "nn.Linear(hidden_dim, 4)")
        browser.evaluate("document.querySelector('.exercise-clear').focus()")
        browser.press("Enter", 13, "\r")
        assert is_open()
        assert browser.evaluate("document.activeElement.textContent") == "Keep my answers"
        browser.press("Enter", 13, "\r")
        assert (is_open(), page.count()) == (False, "1 of 12 right")
        page.click(".exercise-clear")
        browser.press("Escape", 27)
        assert (is_open(), page.count()) == (False, "1 of 12 right")
        page.click(".exercise-clear")
        page.click(".exercise-dialog [value=clear]")
        browser.wait_for("document.activeElement === document.querySelector('.blank-check input')")
        assert (is_open(), page.count()) == (False, "0 of 12 right")
        assert page.states()[4] == "Blank 5, empty: ____"
        assert browser.evaluate("document.querySelectorAll('.blank-verdict *').length") == 0


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_sheet_to_print_has_name_verdicts_and_score(student: Path) -> None:
    with Browser() as browser:
        page = Page(browser, student)
        browser.evaluate("document.querySelector('.exercise-name').focus()")
        browser.type("Ada <b>Lovelace</b>")
        page.check(5, "nn.Linear(hidden_dim, 4)")
        page.check(2, "nn.Conv2d(2048, hidden_dim)")
        page.check(4, "nn.Linear(hidden_dim, 80)")
        browser.evaluate("window.print = () => {}")
        page.click(".exercise-print")
        browser.call("Emulation.setEmulatedMedia", media="print")
        sheet = "document.querySelector('.exercise-sheet')"
        shown = browser.evaluate(f"document.body.innerText === {sheet}.innerText")
        assert shown  # nothing else of the page is printed
        text = browser.evaluate(f"{sheet}.innerText")
        assert "Name: Ada <b>Lovelace</b>" in text
        assert "Score: 1 of 12 right" in text
        rows = browser.evaluate(
            f"Array.from({sheet}.querySelectorAll('tr'), (row) => row.innerText.trim())"
        )
        assert [row.split("\t")[-1] for row in rows[1:6]] == [
            "empty", "not yet", "empty", "not recognised", "right",
        ]  # fmt: skip
        browser.evaluate("window.dispatchEvent(new Event('afterprint'))")
        assert browser.evaluate("document.querySelectorAll('.exercise-sheet').length") == 0
        browser.open(page.address)
        assert browser.evaluate("document.querySelector('.exercise-name').value").startswith("Ada")
