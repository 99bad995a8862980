"""`tinysite`, a whole project in miniature, built end to end with the shipped model."""

import json
from pathlib import Path

import pytest

from generator.build.recipe import build
from generator.build.report import BuildReport
from generator.errors import PageError, UsageError, WebsiteError
from generator.project.config import Edition
from tests.tiny_project import copy_of_tinysite, files_in, options

pytestmark = pytest.mark.slow


def test_one_bad_entry_never_stops_the_others(report: BuildReport) -> None:
    assert [(one.slug, one.status) for one in report.statuses] == [
        ("beach", "built"),
        ("pets", "built"),
        ("narrow", "built"),
        ("broken", "failed"),
        ("cats", "left_out"),
    ]
    broken, cats = report.statuses[3:]
    assert "broken.png: damaged" in broken.reason
    assert "localhost:9" in cats.reason


def test_every_page_and_picture_is_there(report: BuildReport) -> None:
    site = report.of("site")["student"]
    for page in ("index", "q1", "q2", "q3", "about", "gallery/beach", "gallery/pets"):
        assert (site / f"{page}.html").is_file()
    assert not (site / "gallery/broken.html").exists()
    for name in ("detections", "decoder", "rollout", "encoder_row", "sinks"):
        assert (site / f"figures/beach/{name}-1.webp").stat().st_size > 300
    assert (site / "images/beach.webp").is_file()
    assert "Cut short" in (site / "q2.html").read_text()
    index = json.loads((site / "search/search_index.json").read_text())
    images = {
        one["location"]: one["text"] for one in index["docs"] if "gallery/" in one["location"]
    }
    assert images == {
        "gallery/beach.html": "Shapes, not emoji.",
        "gallery/narrow.html": "",
        "gallery/pets.html": "",
    }


def test_records_agree_with_the_report(project: Path, report: BuildReport) -> None:
    saved = json.loads((project / "build/report.json").read_text())
    assert [entry["slug"] for entry in saved["entries"]] == [
        "beach", "pets", "narrow", "broken", "cats",
    ]  # fmt: skip
    assert set(saved["entries"][3]) >= {"slug", "status", "reason"}
    predictions = json.loads((project / "build/predictions.json").read_text())
    assert len(predictions["annotations"]) == report.detections > 2
    assert [image["slug"] for image in predictions["images"]] == ["beach", "pets", "narrow"]
    results = json.loads((project / "build/results.json").read_text())
    assert [(one["image_id"], one["bbox"]) for one in results] == [
        (one["image_id"], one["bbox"]) for one in predictions["annotations"]
    ]
    labels = (project / "build/docs/gallery/pets.md").read_text()
    assert "| dog |" in labels


def test_student_edition_holds_no_answer(report: BuildReport) -> None:
    written = files_in(report.output)
    assert written
    assert not [name for name, data in written.items() if b"uinquaginta" in data]


def test_both_editions_are_built_apart(project: Path) -> None:
    report = build(options(project, edition="both"))
    assert {name: site.relative_to(project) for name, site in report.of("site").items()} == {
        "student": Path("build/site"),
        "instructor": Path("build/instructor/site"),
    }
    written = files_in(project / "build")
    answers = {name for name, data in written.items() if b"uinquaginta" in data}
    assert answers
    assert all(name.startswith("instructor/") for name in answers)
    shared = ("docs/images/", "docs/figures/", "docs/attention/")
    pictures = {name for name in written if name.startswith(shared)}
    assert {f"docs/{name.split('/')[1]}/" for name in pictures} == {*shared}
    assert all(written[f"instructor/{name}"] == written[name] for name in pictures)

    # What gets published by a habit, such as `mkdocs gh-deploy`, is never the instructor's.
    report = build(options(project, edition="instructor"))
    assert report.of("site") == {"instructor": project / "build/instructor/site"}
    left = files_in(project / "build")
    assert not [name for name in left if name.startswith("site/") or (name.endswith("/q1.md")
                and not name.startswith("instructor/"))]  # fmt: skip
    assert not (project / "build/mkdocs.yml").exists()

    build(options(project))
    assert not (project / "build/instructor").exists()


def test_students_build_after_an_instructors_holds_no_answer(project: Path) -> None:
    for edition, expected in (("instructor", True), ("student", False)):
        build(options(project, edition=edition, leave_out={"pdf"}))
        written = files_in(project / "build")
        assert any(b"uinquaginta" in data for data in written.values()) is expected


def test_each_edition_has_its_pdf_and_no_other_stays(project: Path) -> None:
    report = build(options(project, edition="both", only=("pets",), leave_out={"site"}))
    assert report.of("site") == {}
    assert not (project / "build/docs/attention/pets").exists()  # only a site has explorers
    assert {name: pdf.relative_to(project) for name, pdf in report.of("pdf").items()} == {
        "student": Path("build/handout-student.pdf"),
        "instructor": Path("build/instructor/handout-instructor.pdf"),
    }
    assert all(pdf.read_bytes().startswith(b"%PDF-") for pdf in report.of("pdf").values())

    report = build(options(project, edition="instructor", only=("pets",), leave_out={"site"}))
    assert report.of("pdf") == {"instructor": project / "build/instructor/handout-instructor.pdf"}
    assert [pdf.name for pdf in project.rglob("*.pdf")] == ["handout-instructor.pdf"]

    # That one holds answers, so a student's build that makes no PDF does not leave it there.
    build(options(project, edition="student", only=("pets",), leave_out={"pdf"}))
    assert list(project.rglob("*.pdf")) == []
    assert list((project / "build").rglob("handout.typ")) == []

    with pytest.raises(UsageError, match="nothing to make"):
        build(options(project, leave_out={"site", "pdf"}))


@pytest.mark.parametrize(
    ("addition", "edition", "error", "message"),
    [
        (
            "A sign that no font has: \U00012000",
            "student",
            PageError,
            r"content/q1\.md:\d+: no font",
        ),
        ("A link that only MkDocs minds: [x](q1.html).", "both", WebsiteError, r"q1\.html"),
    ],
)
def test_what_is_refused_leaves_site_and_pdf_as_they_were(
    addition: str, edition: Edition, error: type[Exception], message: str, project: Path
) -> None:
    made = ("build/handout.pdf", "build/site/q1.html")
    before = [(project / name).read_bytes() for name in made]
    q1 = project / "content/q1.md"
    q1.write_text(f"{q1.read_text()}\n{addition}\n")
    with pytest.raises(error, match=message):
        build(options(project, only=("pets",), edition=edition))
    assert [(project / name).read_bytes() for name in made] == before


def test_own_folder_called_instructor_is_left_alone(project: Path) -> None:
    build(options(project, leave_out={"pdf"}))
    own = project / "build/instructor"
    own.mkdir()
    (own / "notes.txt").write_text("mine")
    build(options(project, leave_out={"pdf"}))
    assert (own / "notes.txt").read_text() == "mine"
    with pytest.raises(UsageError, match=r"holds `notes\.txt`"):
        build(options(project, edition="both"))


def test_entry_that_is_removed_leaves_nothing_behind(project: Path) -> None:
    assert build(options(project, only=("narrow",), leave_out={"pdf"})).count("built") == 1
    gallery = project / "content/gallery.yml"
    gallery.write_text("images:\n  - file: content/images/beach.png\n")
    build(options(project, leave_out={"pdf"}))
    left = [name for name in files_in(project / "build") if "/narrow" in name]
    assert left == []


def test_only_builds_what_was_asked_for(project: Path, tmp_path: Path) -> None:
    before = files_in(project / "build")
    report = build(options(project, only=("beach",), output=tmp_path / "elsewhere"))
    assert [one.slug for one in report.statuses] == ["beach"]
    assert report.of("site") == {"student": tmp_path / "elsewhere/site"}
    assert files_in(project / "build") == before


def test_page_may_name_an_image_that_is_not_built_now(project: Path) -> None:
    (project / "content/q3.md").write_text("# Q3 Attention\n\n{{ ref('pets') }}\n")
    build(options(project, only=("beach",), leave_out={"pdf"}))
    assert "Pets (not in this build)" in (project / "build/docs/q3.md").read_text()


def test_mistake_in_the_prose_is_told_before_anything_is_run(tmp_path: Path) -> None:
    project = copy_of_tinysite(tmp_path / "site")
    (project / "content/q1.md").write_text("# Q1 The model\n\n{{ nothing }}\n")
    with pytest.raises(PageError, match=r"content/q1\.md:3"):
        build(options(project))
    assert not (project / ".cache").exists()
    assert not (project / "build").exists()


def test_prose_may_take_for_granted_that_something_is_built(project: Path) -> None:
    line = '{{ figure(example.figures["decoder"], "A caption.") }}'
    (project / "content/q3.md").write_text(f"# Q3 Attention\n\n{line}\n")
    assert build(options(project, only=("beach",), leave_out={"pdf"})).count("built") == 1
    assert "figures/beach/decoder-1.webp" in (project / "build/docs/q3.md").read_text()


@pytest.mark.usefixtures("quick_figures")
def test_one_image_twice_is_run_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    project = copy_of_tinysite(tmp_path / "site")
    (project / "content/gallery.yml").write_text(
        "images:\n  - file: content/images/beach.png\n    slug: a-thumbnail\n"
        "  - file: content/images/beach.png\n    slug: a\n    threshold: 0.5\n"
    )
    assert build(options(project, leave_out={"pdf"})).count("built") == 2
    assert len(list((project / ".cache/forward_passes").iterdir())) == 1
    assert len(list((project / "build/docs/images").glob("*.webp"))) == 2
    assert len(list((project / "build/docs/images/thumbnails").glob("*.webp"))) == 2


def test_only_offers_the_nearest_slug(project: Path) -> None:
    with pytest.raises(UsageError, match="did you mean `beach`"):
        build(options(project, only=("bech",)))


def test_damaged_cache_is_run_again(project: Path, tmp_path: Path) -> None:
    kept = sorted((project / ".cache/forward_passes").glob("*.npz"))
    whole = [path.read_bytes() for path in kept]
    for path, content in zip(kept, whole, strict=True):
        path.write_bytes(content[:1000])
    again = options(project, only=("beach",), output=tmp_path / "elsewhere", leave_out={"pdf"})
    assert build(again).count("built") == 1
    sizes = [(path.stat().st_size, len(content)) for path, content in zip(kept, whole, strict=True)]
    assert sum(size == before for size, before in sizes) == 1
