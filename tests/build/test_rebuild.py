"""The table of `docs/rebuilding.md`, row by row: what changed, and what is then done again."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from generator.build.recipe import build
from generator.build.report import BuildReport
from generator.figures.image.image_set import IMAGE_FIGURES, OF_RELATIVES
from tests.build.counted import Done, count_in
from tests.tiny_project import files_in, options
from tests.tiny_project import replace_in as replace

pytestmark = pytest.mark.slow

DOCS = Path(__file__).parents[2] / "docs" / "rebuilding.md"
FIGURES = {kind.name for kind in IMAGE_FIGURES} - {"matching"} - OF_RELATIVES
"""Of an entry that does not say what is in its picture, and in which something was found."""
OF_DETECTIONS = {"overlay", "knock_out", "deletion", "relevance", "shuffled"}


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Done:
    return count_in(monkeypatch)


def run(project: Path, *left_out: str) -> BuildReport:
    return build(options(project, leave_out=set(left_out)))


def figures_of(*slugs: str) -> set[str]:
    return {f"{slug}/{name}" for slug in slugs for name in FIGURES}


def test_nothing(project: Path, done: Done) -> None:
    report = run(project)
    assert report.is_unchanged
    assert done.told() == {}
    assert report.count("built") == 3
    assert report.of("site")["student"] == project / "build/site"


def test_nothing_needs_no_library_and_no_process(project: Path) -> None:
    code = (
        "import json, sys; from pathlib import Path\n"
        "started = []\n"
        "names = ('subprocess.Popen', 'os.fork', 'os.posix_spawn', 'os.exec')\n"
        "sys.addaudithook(lambda name, _: started.append(name) if name in names else None)\n"
        "from generator.build.recipe import BuildOptions, build\n"
        f"config = Path({str(project / 'site_config.yml')!r})\n"
        "report = build(BuildOptions(config, offline=True))\n"
        "print(json.dumps([report.is_unchanged, started, sorted(sys.modules)]))"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    is_unchanged, started, modules = json.loads(finished.stdout)
    assert is_unchanged
    assert started == []
    assert not {"torch", "matplotlib", "scipy", "mkdocs", "typst", "markdown"} & set(modules)


def test_a_caption(project: Path, done: Done) -> None:
    replace(project / "content/gallery.yml", '- file: content/images/narrow.jpg',
            '- caption: "So thin."\n    file: content/images/narrow.jpg')  # fmt: skip
    run(project)
    assert done.told() == {
        "pages": {"gallery/narrow.md"}, "pdf_pages": {"gallery/narrow.md"},
        "converted": {"gallery/narrow.md"}, "mkdocs": 1, "typst": 1,
    }  # fmt: skip


def test_a_caption_that_another_page_quotes(project: Path, done: Done) -> None:
    replace(project / "content/gallery.yml", "Shapes, not emoji.", "Some shapes.")
    run(project)
    assert done.pages == {"index.md", "gallery/beach.md"}
    assert not done.figures
    assert "Some shapes." in (project / "build/site/index.html").read_text()


def test_a_title(project: Path, done: Done) -> None:
    replace(project / "content/gallery.yml", 'title: "Pets"', 'title: "Dogs"')
    run(project)
    images = {f"gallery/{name}.md" for name in ("beach", "pets", "narrow")}
    diagram = "models/detr_emoji-workflow.svg"  # says through which image these numbers came
    assert done.pages - {diagram} == {"q2.md", *images}
    assert not done.measured
    assert not any(figure.startswith("pets/") for figure in done.figures)


def test_a_threshold(project: Path, done: Done) -> None:
    measures = (project / "build/measures.json").read_bytes()
    replace(project / "content/gallery.yml", 'title: "Pets"', 'title: "Pets"\n    threshold: 0.9')
    run(project)
    assert not done.forwards
    assert done.tests == ["once"]
    assert done.measured == 1
    assert figures_of("pets") <= set(done.figures)
    assert not figures_of("beach", "narrow") & set(done.figures)
    assert "gallery/pets.md" in done.pages
    assert not {"gallery/beach.md", "gallery/narrow.md"} & done.pages
    assert (done.mkdocs, done.typst) == (1, 1)
    assert (project / "build/measures.json").read_bytes() != measures


def test_a_paragraph(project: Path, done: Done) -> None:
    replace(project / "content/q1.md", "There are", "There really are")
    run(project)
    assert done.told() == {
        "pages": {"q1.md"}, "pdf_pages": {"q1.md"}, "converted": {"q1.md"}, "mkdocs": 1, "typst": 1,
    }  # fmt: skip


def test_a_claims_words(project: Path, done: Done) -> None:
    replace(project / "content/claims.yml", "Queries look", "All queries look")
    run(project)
    assert done.pages == {"q3.md", "plots"}
    assert not done.figures
    assert not done.measured


def test_an_experiments_scene(project: Path, done: Done) -> None:
    content = project / "content"
    (content / "lab").mkdir()
    for name in ("one", "two"):
        head = "---\nscene:\n  objects:\n    - {sprite: cat, x: 0.5, y: 0.5}\n---\n"
        (content / "lab" / f"{name}.md").write_text(f"{head}## Number {name}\n", encoding="utf-8")
    shows = "{{ lab() }}\n\n{% for one in experiments %}{{ experiment_of(one) }}{% endfor %}\n"
    (content / "lab.md").write_text(f"# The lab\n\n{shows}", encoding="utf-8")
    run(project)
    assert set(done.figures) == {"lab/one", "lab/two"}
    model = project / "build/site/assets/live/detr_emoji.js"
    assert model.stat().st_size < 5_000_000
    before = (model.read_bytes(), (project / "build/site/assets/live/lab_things.js").read_bytes())
    done.__init__()  # type: ignore[misc]
    replace(content / "lab" / "two.md", "x: 0.5", "x: 0.6")
    run(project)
    assert done.told() == {
        "figures": ["lab/one", "lab/two"], "pages": {"lab.md", "downloads"},
        "pdf_pages": {"lab.md", "downloads"}, "mkdocs": 1, "typst": 1,
    }  # fmt: skip
    assert model.read_bytes() == before[0]
    assert (project / "build/site/assets/live/lab_things.js").read_bytes() != before[1]
    shutil.rmtree(content / "lab")
    (content / "lab.md").unlink()
    run(project)
    assert not list((project / "build").rglob("lab_things.js"))
    assert not list((project / "build").rglob("figures/lab/*"))


def test_a_new_image(project: Path, done: Done) -> None:
    shutil.copy(project / "content/images/pets.jpg", project / "content/images/more.jpg")
    with (project / "content/images/more.jpg").open("ab") as stream:
        stream.write(b"\0")
    with (project / "content/gallery.yml").open("a") as stream:
        stream.write('  - file: content/images/more.jpg\n    title: "More"\n')
    run(project)
    assert done.forwards == ["once"]
    assert done.tests == ["once"]
    assert done.measured == 1
    drawn = {figure.partition("/")[0] for figure in done.figures}
    assert drawn == {"more", "q3"}
    assert {"gallery/more.md", "gallery/narrow.md", "q2.md", "q3.md"} <= done.pages
    assert not {"gallery/beach.md", "gallery/pets.md", "q1.md"} & done.pages


def test_the_same_picture_under_another_name_is_not_run(project: Path, done: Done) -> None:
    with (project / "content/gallery.yml").open("a") as stream:
        stream.write("  - file: content/images/pets.jpg\n    slug: again\n")
    run(project)
    assert not done.forwards
    assert not done.tests
    assert not done.measured


def test_without_causal_tests(project: Path, done: Done) -> None:
    replace(project / "site_config.yml", "threshold:", "causal: off\nthreshold:")
    run(project)
    assert not done.forwards
    assert not done.tests
    assert done.measured == 3
    assert not list((project / "build/docs/figures/pets").glob("knock_out*"))
    assert "knock_out_drop" not in (project / "build/measures.csv").read_text()
    replace(project / "site_config.yml", "causal: off\n", "")
    run(project)
    assert not done.tests  # what was kept serves again
    assert (project / "build/docs/figures/pets/knock_out-1.webp").is_file()


def test_without_the_explorers_layers(project: Path, done: Done) -> None:
    scripts = project / "build/site/attention/pets"
    before = files_in(scripts)
    assert len(before) == 10
    replace(project / "site_config.yml", "threshold:", "explorer: last\nthreshold:")
    run(project)
    images = {"gallery/beach.md", "gallery/pets.md", "gallery/narrow.md"}
    # The page on paper says whether the site has an explorer, and so looks at the setting.
    assert (done.pages, done.pdf_pages, done.mkdocs, done.typst) == (images, images, 1, 0)
    assert len(files_in(scripts)) == 4
    replace(project / "site_config.yml", "explorer: last", "explorer: none")
    run(project)
    assert not scripts.exists()
    replace(project / "site_config.yml", "explorer: none\n", "")
    run(project)
    assert files_in(scripts) == before
    assert not done.figures
    assert not done.measured


def test_an_image_that_goes(project: Path, done: Done) -> None:
    replace(project / "content/gallery.yml", "  - file: content/images/narrow.jpg\n"
            "    threshold: 0.99\n", "")  # fmt: skip
    run(project)
    assert not done.forwards
    assert not done.measured
    assert {figure.partition("/")[0] for figure in done.figures} <= {"q3"}
    assert "gallery/pets.md" in done.pages
    assert not (project / "build/site/gallery/narrow.html").exists()
    assert not (project / "build/docs/attention/narrow").exists()


def test_the_template_of_images(project: Path, done: Done) -> None:
    template = project / "templates/image.md.j2"
    template.write_text(template.read_text() + "\nThe end.\n")
    run(project)
    images = {"gallery/beach.md", "gallery/pets.md", "gallery/narrow.md"}
    assert done.told() == {
        "pages": images, "pdf_pages": images, "converted": images, "mkdocs": 1, "typst": 1,
    }  # fmt: skip


def test_a_word_of_the_glossary(project: Path, done: Done) -> None:
    glossary = project / "content/glossary.md"
    glossary.write_text("# Glossary\n\nToken { #token }\n:   A cell.\n", encoding="utf-8")
    run(project)
    vars(done).update(vars(Done()))
    replace(glossary, "A cell.", "One of the cells.")
    run(project)
    assert done.pages >= {"index.md", "q1.md", "gallery/beach.md", "glossary.md"}
    assert "q1.md" in done.converted  # which has tokens
    assert "about.md" not in done.converted
    assert done.pdf_pages == {"glossary.md"}
    assert not done.figures


def test_the_style_sheet(project: Path, done: Done) -> None:
    style = project / "templates/assets/handout.css"
    style.write_text(style.read_text() + "\n/* More. */\n")
    run(project)
    assert (done.pages, done.pdf_pages, done.mkdocs) == (set(), set(), 1)
    assert not done.figures


def test_the_sites_title(project: Path, done: Done) -> None:
    replace(project / "site_config.yml", "Tiny site", "Small site")
    run(project)
    assert done.pages <= {"index.md", "mkdocs.yml", "404.html"}
    assert "mkdocs.yml" in done.pages
    assert (done.mkdocs, done.typst) == (1, 1)
    assert not done.figures


def test_the_colours(project: Path, done: Done) -> None:
    replace(project / "site_config.yml", "dpi: 72", "dpi: 72\n  colour_map: magma")
    run(project)
    drawn = {figure for figure in figures_of("beach", "narrow")
             if figure.partition("/")[2] not in OF_DETECTIONS}  # fmt: skip
    assert drawn | figures_of("pets") <= set(done.figures)
    assert not done.forwards
    assert not done.tests
    assert not done.measured


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        ("build/site/index.html", {"mkdocs": 1}),
        ("build/handout.pdf", {"typst": 1}),
        ("build/docs/figures/pets/decoder-1.webp", {"figures": ["pets/decoder"]}),
        ("build/measures.json", {}),
        ("build/docs/attention/pets/decoder_cross-2.js", {}),
        ("build/site/attention/pets/index.js", {"mkdocs": 1}),
    ],
)
def test_a_file_that_is_lost_comes_back(
    report: BuildReport, tmp_path: Path, done: Done, lost: str, expected: dict[str, Any]
) -> None:
    project = Path(shutil.copytree(report.output.parent, tmp_path / "site"))
    whole = (project / lost).read_bytes()
    (project / lost).unlink()
    assert not run(project).is_unchanged
    assert (project / lost).read_bytes() == whole
    assert done.told() == expected


def test_a_page_that_walks_over_all_images(project: Path, done: Done) -> None:
    words = (
        "{% for r in results %}{{ r.entry.slug }}, {% endfor %}{{ gallery.number_of_detections }}"
    )
    replace(project / "content/about.md", "# About", f"# About\n\n{words}")
    run(project, "pdf")
    with (project / "content/gallery.yml").open("a") as stream:
        stream.write("  - file: content/images/pets.jpg\n    slug: again\n")
    run(project, "pdf")
    assert "about.md" in done.pages
    assert "again, " in (project / "build/docs/about.md").read_text()


def test_a_file_that_is_included(project: Path) -> None:
    part = project / "content/parts/x.md"
    part.parent.mkdir()
    for words, name in (("Old words", "parts/x.md"), ("New words", "/parts/x.md")):
        part.write_text(words)
        (project / "content/q1.md").write_text(f'# Q1 The model\n\n{{% include "{name}" %}}\n')
        run(project, "pdf")
        part.write_text(f"{words}, mended")
        run(project, "pdf")
        assert f"{words}, mended" in (project / "build/docs/q1.md").read_text()


def test_a_theme_of_ones_own(project: Path, done: Done) -> None:
    theme = project / "templates/overrides/main.html"
    theme.parent.mkdir()
    theme.write_text('{% extends "base.html" %}{% block announce %}Old notice{% endblock %}')
    replace(project / "templates/mkdocs.yml.j2", "  name: material\n",
            "  name: material\n  custom_dir: ../templates/overrides\n")  # fmt: skip
    run(project, "pdf")
    theme.write_text(theme.read_text().replace("Old", "New"))
    run(project, "pdf")
    assert done.mkdocs == 2
    assert "New notice" in (project / "build/site/index.html").read_text()


def test_a_second_time_after_a_change_nothing(project: Path, done: Done) -> None:
    replace(project / "content/q1.md", "There are", "There really are")
    run(project)
    assert run(project).is_unchanged
    assert done.mkdocs == 1


def test_what_is_made_again_is_what_a_fresh_build_makes(
    report: BuildReport, tmp_path: Path
) -> None:
    project = Path(shutil.copytree(report.output.parent, tmp_path / "site"))
    replace(project / "content/gallery.yml", 'title: "Pets"', 'title: "Dogs"\n    threshold: 0.9')
    replace(project / "content/q1.md", "There are", "There really are")
    again = run(project).output
    fresh = tmp_path / "fresh"
    shutil.copytree(project, fresh, ignore=shutil.ignore_patterns("build", ".cache"))
    anew = build(options(fresh, jobs=1)).output
    first, second = (published(folder) for folder in (again, anew))
    assert list(first) == list(second)
    assert [name for name in first if first[name] != second[name]] == []


def published(folder: Path) -> dict[str, bytes]:
    files = files_in(folder)
    return {name: data for name, data in files.items() if not name.startswith("stamps/")}


def test_every_row_of_the_table_has_its_test() -> None:
    rows = re.findall(r"^\| .+ \| `(test_\w+)` \|$", DOCS.read_text(), re.MULTILINE)
    here = {name for name in globals() if name.startswith("test_")}
    assert len(rows) > 10
    assert not set(rows) - here
    assert max(Counter(rows).values()) == 1
