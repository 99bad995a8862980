import os
from pathlib import Path

import pytest

from generator.build.statuses import Ledger
from generator.errors import ImageError, UnavailableError, UsageError
from generator.project.gallery import GalleryImage

ENTRY = GalleryImage(slug="a", title="A", file=Path("a.png"), model="detr_emoji", threshold=0.9)


def test_each_kind_of_error_has_its_status(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ended: list[tuple[str, str]] = []
    for error in (UnavailableError("far"), ImageError("bad"), OSError(28, "full"), KeyError("odd")):
        with ledger.errors_of(ENTRY):
            raise error
        ended.append((ledger.statuses["a"].status, ledger.statuses["a"].reason))
    assert ended[:2] == [("left_out", "far"), ("failed", "bad")]
    assert ended[2][0] == "failed"
    assert "report" not in ended[2][1]
    assert "please report it: KeyError" in ended[3][1]
    assert ledger.not_built() == {"a"}


def test_reason_tells_no_folder_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    ledger = Ledger(tmp_path / "site")
    ledger.note(ENTRY, "failed", f"{tmp_path / 'site' / 'x.png'}: {tmp_path / 'home' / 'w.pth'}")
    assert ledger.statuses["a"].reason == f"x.png: ~{os.sep}w.pth"


@pytest.mark.skipif(os.name == "nt", reason="there the root has a letter")
def test_home_at_the_root_leaves_addresses_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/")
    ledger = Ledger(tmp_path)
    ledger.note(ENTRY, "left_out", "http://localhost:9/cats.jpg: not downloaded")
    assert ledger.statuses["a"].reason == "http://localhost:9/cats.jpg: not downloaded"


def test_wrong_usage_is_no_entrys_fault(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    with pytest.raises(UsageError), ledger.errors_of(ENTRY):
        raise UsageError("no such device")
    assert ledger.statuses == {}
