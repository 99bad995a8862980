"""What is published, and that answers are not unless they are asked for by name."""

from __future__ import annotations

import json
import subprocess
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from generator import publish as module
from generator.build.report import BuildReport, Published
from generator.course.branch import commit_to
from generator.errors import BusyError, GeneratorError, UsageError
from generator.files.lock import locked
from generator.files.owned_folder import held_output
from generator.pages.contents import EntryStatus
from generator.project.config import Edition
from generator.publish import Wishes, publish, site_files, write_zip


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return make_site(tmp_path / "site", ["en"])


def make_site(folder: Path, languages: list[str]) -> Path:
    lunr = "assets/javascripts/lunr"
    texts = {
        "index.html": "Home",
        "404.html": "Lost",
        "assets/a.js": "1",
        "assets/a.js.map": "{}",
        f"{lunr}/min/lunr.de.min.js": "",
        f"{lunr}/min/lunr.stemmer.support.min.js": "",
        f"{lunr}/min/lunr.multi.min.js": "",
        f"{lunr}/min/lunr.fr.min.js": "",
        f"{lunr}/tinyseg.js": "",
        f"{lunr}/wordcut.js": "",
        "search/search_index.json": json.dumps({"config": {"lang": languages}}),
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def names(folder: Path) -> list[str]:
    return [name for name, _ in site_files(folder)]


def test_no_reader_gets_source_maps_or_stemmers_that_nobody_uses(site: Path) -> None:
    assert names(site) == ["404.html", "assets/a.js", "index.html", "search/search_index.json"]


def test_stemmers_of_the_sites_languages_stay(tmp_path: Path) -> None:
    kept = [name for name in names(make_site(tmp_path, ["en", "de"])) if "lunr" in name]
    assert [name.rpartition("/")[2] for name in kept] == [
        "lunr.de.min.js", "lunr.multi.min.js", "lunr.stemmer.support.min.js",
    ]  # fmt: skip
    assert any("wordcut" in name for name in names(make_site(tmp_path, ["th"])))


def test_a_zip_has_its_pages_at_the_top_and_always_the_same_bytes(
    site: Path, tmp_path: Path
) -> None:
    files = dict(site_files(site))
    write_zip(tmp_path / "a.zip", files)
    (site / "index.html").touch()
    write_zip(tmp_path / "b.zip", files)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.read("index.html") == b"Home"
        assert archive.testzip() is None


@pytest.fixture
def project(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose build takes no time."""
    root = tmp_path / "course"
    for name in ("content", "templates"):
        (root / name).mkdir(parents=True)
    (root / "content/gallery.yml").write_text("images: []\n")
    (root / "site_config.yml").write_text("title: T\n")
    answers = make_site(tmp_path / "answers", ["en"])
    (answers / "index.html").write_text("Answers")
    made = (Published("site", "student", site), Published("site", "instructor", answers))
    report = BuildReport((), 0, 0.0, root / "build", made)
    monkeypatch.setattr(module, "build", lambda _: report)
    return root / "site_config.yml"


@pytest.mark.parametrize(
    ("settings", "wanted", "message"),
    [
        ("instructor", "student", "only if it is named: --edition instructor"),
        ("student", "instructor", "say `edition: both`"),
    ],
)
def test_the_edition_with_the_answers_has_to_be_named(
    project: Path, settings: str, wanted: Edition, message: str
) -> None:
    project.write_text(f"title: T\nedition: {settings}\n")
    with pytest.raises(UsageError, match=message):
        publish(project, Wishes(edition=wanted, zip_file=True))
    assert not (project.parent / "build").exists()


@pytest.mark.parametrize("settings", ["instructor", "both"])
def test_once_named_it_is_published_with_a_warning(project: Path, settings: str) -> None:
    project.write_text(f"title: T\nedition: {settings}\n")
    told = publish(project, Wishes(edition="instructor", zip_file=True))
    assert home_of(project.parent / "build/publish/site-instructor.zip") == b"Answers"
    assert told[-1] == "It has the answers: not for students."


def home_of(path: Path) -> bytes:
    """The first page of a zip."""
    with zipfile.ZipFile(path) as archive:
        return archive.read("index.html")


@pytest.mark.parametrize("settings", ["student", "both"])
def test_a_zip_of_the_students_is_made_where_it_is_wanted(
    project: Path, tmp_path: Path, settings: str
) -> None:
    project.write_text(f"title: T\nedition: {settings}\n")
    (told,) = publish(project, Wishes(zip_file=True, output=tmp_path / "new/x.zip"))
    assert home_of(tmp_path / "new/x.zip") == b"Home"
    assert str(tmp_path / "new/x.zip") in told


def test_no_build_changes_a_site_that_is_being_published(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(name: str) -> str:
        with (
            pytest.raises(BusyError, match="`publish`"),
            locked(project.parent / "build", "a build"),
        ):
            pass
        steps.append(name)
        return name

    def write(path: Path, files: dict[str, Path]) -> None:
        held("zip")
        write_zip(path, files)

    def collected(folder: Path) -> Iterator[tuple[str, Path]]:
        held("files")
        return site_files(folder)

    steps: list[str] = []
    monkeypatch.setattr(module, "site_files", collected)
    monkeypatch.setattr(module, "write_zip", write)
    monkeypatch.setattr(module, "commit_to", lambda *_: held("branch"))
    publish(project, Wishes(zip_file=True, branch="gh-pages"))
    assert steps == ["files", "zip", "branch"]


def test_it_waits_for_a_build_if_it_is_told_to(
    project: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("generator.files.lock._POLL_S", 0.01)
    caplog.set_level("INFO")
    folder = project.parent / "build"
    with ThreadPoolExecutor() as pool, held_output(folder, project.parent, "a build"):
        with pytest.raises(BusyError, match="let --wait do that"):
            publish(project, Wishes(zip_file=True))
        told = pool.submit(publish, project, Wishes(zip_file=True, wait=True))
        while "waiting until it is done" not in caplog.text and not told.done():
            time.sleep(0.01)
        assert not told.done()
    assert "site.zip" in told.result()[0]


def test_what_failed_is_not_published(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status = EntryStatus("cats", "Cats", "failed", "broken")
    report = BuildReport((status,), 0, 0.0, project.parent / "build", ())
    monkeypatch.setattr(module, "build", lambda _: report)
    with pytest.raises(GeneratorError, match="nothing was published, as these failed: cats"):
        publish(project, Wishes(zip_file=True))


def test_nowhere_is_no_place(project: Path) -> None:
    with pytest.raises(UsageError, match="--zip"):
        publish(project, Wishes())


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run(("git", *arguments), cwd=root, capture_output=True, text=True, check=True)
    return done.stdout


def state(root: Path) -> str:
    return git(root, "status", "--porcelain") + git(root, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a commit, a file that is not committed, and a bare remote."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Tests")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "tests@example.org")
    root, bare = tmp_path / "repository", tmp_path / "bare.git"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch", "main")
    git(root, "init", "--quiet", "--bare", str(bare))
    git(root, "remote", "add", "origin", str(bare))
    (root / "mine.txt").write_text("committed\n")
    git(root, "add", "mine.txt")
    git(root, "commit", "--quiet", "-m", "Mine")
    (root / "mine.txt").write_text("changed\r\n")
    (root / ".gitattributes").write_text("* text eol=lf\n")
    (root / ".gitignore").write_text("assets\n")
    return root


@pytest.mark.slow
def test_a_branch_holds_the_site_and_nothing_else_changes(repository: Path, site: Path) -> None:
    (site / "index.html").write_bytes(b"Home\r\n")
    before = state(repository)
    told = commit_to(repository, "gh-pages", dict(site_files(site)), "origin")
    assert told == "gh-pages holds the site, 4 files. It was pushed to origin."
    bare = repository.parent / "bare.git"
    listed = git(bare, "ls-tree", "-r", "--name-only", "gh-pages").split()
    assert listed == sorted([".nojekyll", *names(site)])
    shown = subprocess.run(("git", "show", "gh-pages:index.html"), cwd=bare, capture_output=True)
    assert shown.stdout == b"Home\r\n"  # no filter of the repository's
    assert state(repository) == before
    assert (repository / "mine.txt").read_bytes() == b"changed\r\n"


@pytest.mark.slow
def test_its_history_goes_on_from_the_remotes(repository: Path, site: Path) -> None:
    bare, files = repository.parent / "bare.git", dict(site_files(site))
    commit_to(repository, "gh-pages", files, "origin")
    assert "already" in commit_to(repository, "gh-pages", files, "origin")
    git(repository, "branch", "--quiet", "-D", "gh-pages")  # another clone has none
    (site / "index.html").write_text("Better")
    commit_to(repository, "gh-pages", files, "origin")
    assert git(bare, "rev-list", "--count", "gh-pages").strip() == "2"


@pytest.mark.slow
def test_a_hosts_own_name_stays(repository: Path, site: Path, tmp_path: Path) -> None:
    files = dict(site_files(site))
    (tmp_path / "CNAME").write_text("detr.example.org\n")
    commit_to(repository, "gh-pages", {**files, "CNAME": tmp_path / "CNAME"}, "")
    (site / "index.html").write_text("Better")
    commit_to(repository, "gh-pages", files, "")
    assert git(repository, "show", "gh-pages:CNAME") == "detr.example.org\n"


@pytest.mark.slow
def test_a_course_may_lie_below_the_top_of_its_repository(
    repository: Path, site: Path, tmp_path: Path
) -> None:
    files, root = dict(site_files(site)), repository / "courses/detr"
    root.mkdir(parents=True)
    (tmp_path / "CNAME").write_text("detr.example.org\n")
    commit_to(root, "gh-pages", {**files, "CNAME": tmp_path / "CNAME"}, "")
    (site / "index.html").write_text("Better")
    commit_to(root, "gh-pages", files, "")
    listed = git(repository, "ls-tree", "-r", "--name-only", "gh-pages").split()
    assert listed == sorted([".nojekyll", "CNAME", *names(site)])


@pytest.mark.slow
def test_a_branch_that_went_another_way_than_the_remotes_is_kept(
    repository: Path, site: Path
) -> None:
    files = dict(site_files(site))
    commit_to(repository, "gh-pages", files, "origin")
    first = git(repository, "rev-parse", "gh-pages").strip()
    (site / "index.html").write_text("Ours")
    commit_to(repository, "gh-pages", files, "")
    ours = git(repository, "rev-parse", "gh-pages")
    git(repository, "branch", "ours", "gh-pages")
    git(repository, "branch", "--force", "gh-pages", first)
    (site / "index.html").write_text("Theirs")
    commit_to(repository, "gh-pages", files, "origin")
    git(repository, "branch", "--force", "gh-pages", "ours")
    with pytest.raises(UsageError, match=r"commits that origin lacks.*git branch -m gh-pages NAME"):
        commit_to(repository, "gh-pages", files, "origin")
    assert git(repository, "rev-parse", "gh-pages") == ours


@pytest.mark.slow
def test_what_was_not_pushed_is_pushed_with_the_next(repository: Path, site: Path) -> None:
    files = dict(site_files(site))
    for text, remote in (("1", "origin"), ("2", ""), ("3", "origin")):
        (site / "index.html").write_text(text)
        commit_to(repository, "gh-pages", files, remote)
    assert git(repository.parent / "bare.git", "rev-list", "--count", "gh-pages").strip() == "3"


@pytest.mark.slow
def test_git_is_given_bytes_as_text_would_get_other_ends_of_lines(
    repository: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = []
    real = subprocess.run

    def run(*arguments: Any, **options: Any) -> Any:
        given.append((type(options["input"]), options.get("text"), options.get("encoding")))
        return real(*arguments, **options)

    monkeypatch.setattr("generator.course.branch.subprocess.run", run)
    commit_to(repository, "gh-pages", dict(site_files(site)), "")
    assert set(given) == {(bytes, None, None)}


def test_a_remote_that_is_misspelt_is_named(repository: Path, site: Path) -> None:
    git(repository, "remote", "rename", "origin", "upstream")
    with pytest.raises(UsageError, match=r"--remote upstrem: .*did you mean `upstream`"):
        commit_to(repository, "gh-pages", dict(site_files(site)), "upstrem")
    assert git(repository, "for-each-ref", "refs/heads/gh-pages") == ""


@pytest.mark.slow
def test_without_a_remote_it_says_how_to_push(repository: Path, site: Path) -> None:
    git(repository, "remote", "remove", "origin")
    told = commit_to(repository, "gh-pages", dict(site_files(site)), "origin")
    assert told.endswith("`git push REMOTE gh-pages` does that.")


@pytest.mark.parametrize(
    ("branch", "message"),
    [("main", "is checked out"), ("work", "something other than a site"), ("a..b", "no such name")],
)
def test_a_branch_of_something_else_is_left_alone(
    repository: Path, site: Path, branch: str, message: str
) -> None:
    git(repository, "branch", "work")
    before = git(repository, "for-each-ref")
    with pytest.raises(UsageError, match=message):
        commit_to(repository, branch, dict(site_files(site)), "origin")
    assert git(repository, "for-each-ref") == before


def test_a_remote_that_refuses_is_one_line(repository: Path, site: Path) -> None:
    git(repository, "remote", "set-url", "origin", str(repository.parent / "nowhere"))
    with pytest.raises(GeneratorError, match=r"^git ls-remote: .*nowhere"):
        commit_to(repository, "gh-pages", dict(site_files(site)), "origin")


def test_no_repository_is_said(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UsageError, match="no git repository"):
        commit_to(tmp_path, "gh-pages", dict(site_files(site)), "origin")
