"""What a preview tells its pages, and whom it answers."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from watchfiles import Change

from generator.course.preview import ASKED, News, serving
from generator.errors import UsageError
from generator.serve import _Changes, _named


@pytest.fixture
def news() -> News:
    return News()


@pytest.fixture
def address(tmp_path: Path, news: News) -> Iterator[str]:
    (tmp_path / "index.html").write_text("<html><body>Home</body></html>")
    (tmp_path / "a.css").write_text("p {}")
    with serving(tmp_path, news, 0) as address:
        yield address


def get(address: str, method: str = "GET", **headers: str) -> tuple[int, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(address, headers=named, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.slow
def test_pages_get_a_script_and_files_stay_as_they_are(address: str, tmp_path: Path) -> None:
    before = (tmp_path / "index.html").read_bytes()
    for page in ("", "index.html", "index.html?q=1"):
        status, text = get(address + page)
        assert status == 200
        assert text.startswith("<html><body>Home<script>")
        assert text.endswith("</script></body></html>")
    assert get(address + "a.css") == (200, "p {}")
    assert (tmp_path / "index.html").read_bytes() == before


def test_a_page_that_is_not_there_is_told_of(address: str, tmp_path: Path) -> None:
    (tmp_path / "404.html").write_text("<body>Lost</body>")
    status, text = get(address + "nowhere.html")
    assert (status, "Lost" in text, "<script>" in text) == (404, True, True)


def test_before_the_first_site_there_is_something_to_see(tmp_path: Path, news: News) -> None:
    with serving(tmp_path / "none", news, 0) as address:
        assert "The first site is being built." in get(address)[1]
        news.tell(is_new=False, mistake="a mistake")
        assert "There is no site yet." in get(address)[1]


@pytest.mark.slow
@pytest.mark.parametrize("host", ["example.org", "example.org:8000", "", "127.0.0.1.example.org"])
def test_another_host_is_told_nothing(address: str, host: str) -> None:
    assert get(address, Host=host)[0] == 403
    assert get(address + ASKED[1:], Host=host)[0] == 403
    assert get(address, "HEAD", Host=host)[0] == 403


@pytest.mark.slow
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    ("mode", "what", "status"),
    [
        ("no-cors", "script", 403),
        ("cors", "empty", 403),
        ("navigate", "iframe", 403),
        ("navigate", "document", 200),
    ],
)
def test_a_page_of_another_site_may_link_here_and_no_more(
    address: str, site: str, mode: str, what: str, status: int
) -> None:
    asked = {"Sec_Fetch_Site": site, "Sec_Fetch_Mode": mode, "Sec_Fetch_Dest": what}
    assert get(address + "a.css", **asked)[0] == status
    assert get(address + "a.css", "HEAD", **asked)[0] == status
    assert get(address + "a.css", **{**asked, "Sec_Fetch_Site": "same-origin"})[0] == 200


@pytest.mark.parametrize("name", ["", "a.css"])
def test_browsers_are_told_to_show_it_to_nobody_else(address: str, name: str) -> None:
    with urllib.request.urlopen(address + name) as answer:
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", ["../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt"])
def test_nothing_outside_of_the_site_is_sent(address: str, tmp_path: Path, path: str) -> None:
    (tmp_path.parent / "secret.txt").write_text("secret")
    assert "secret" not in get(address + path)[1].replace("secret.txt", "")


@pytest.mark.slow
def test_news_come_when_there_are_any(news: News, address: str) -> None:
    asked = address + ASKED[1:]
    assert json.loads(get(f"{asked}?seen=-1")[1]) == {"site": 0, "mistake": "", "number": 0}
    threading.Timer(0.05, news.tell, kwargs={"is_new": False, "mistake": "wrong"}).start()
    assert json.loads(get(f"{asked}?seen=0")[1]) == {"site": 0, "mistake": "wrong", "number": 1}
    news.tell(is_new=True)
    assert json.loads(get(f"{asked}?seen=1")[1]) == {"site": 1, "mistake": "", "number": 2}


def test_what_did_not_change_is_no_news(news: News) -> None:
    news.tell(is_new=False)
    assert news.number == 0
    news.tell(is_new=False, mistake="wrong")
    news.tell(is_new=False, mistake="wrong")
    assert (news.number, news.site) == (1, 0)


@pytest.mark.slow
def test_a_port_that_is_taken_is_passed_over(tmp_path: Path, news: News) -> None:
    with serving(tmp_path, news, 0) as first:
        port = int(first.rstrip("/").rpartition(":")[2])
        with serving(tmp_path, news, port) as second:
            assert second != first


@pytest.mark.slow
def test_a_restart_has_the_same_port(tmp_path: Path, news: News) -> None:
    with serving(tmp_path, news, 0) as first:
        get(first)  # the end of a connection keeps its port for a minute
    with serving(tmp_path, news, int(first.rstrip("/").rpartition(":")[2])) as second:
        assert second == first


def test_no_free_port_is_an_error(tmp_path: Path, news: News) -> None:
    with pytest.raises(UsageError, match="--port"), serving(tmp_path, news, 70000):
        pass


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("content/q1.md", True),
        ("site_config.yml", True),
        ("build/site/index.html", False),
        (".cache/x", False),
        ("content/.gallery.yml.77.part", False),
        ("content/.q1.md.swp", False),
        ("content/q1.md~", False),
    ],
)
def test_what_editors_and_builds_leave_about_is_no_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, counts: bool
) -> None:
    monkeypatch.setattr(_Changes, "_start", lambda *_, **__: None)
    changes = _Changes(tmp_path / "site_config.yml")
    assert changes._filter(Change.modified, str(tmp_path.resolve() / name)) == counts


def test_changes_are_named(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a", "b", "c", "d", "e")]
    assert _named(files, tmp_path) == "a, b, c, 2 more: "
    assert _named(files[:1], tmp_path) == "a: "
    assert _named([], tmp_path) == ""
