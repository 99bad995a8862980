import errno
import os
from pathlib import Path

import pytest

from generator.build.statuses import Statuses
from generator.errors import (
    DownloadError,
    ImageError,
    StorageError,
    UnavailableError,
    UsageError,
)
from generator.project.gallery import GalleryImage

ENTRY = GalleryImage(slug="a", title="A", file=Path("a.png"), model="detr_emoji", threshold=0.9)


def test_each_kind_of_error_has_its_status(tmp_path: Path) -> None:
    statuses = Statuses(tmp_path)
    ended: list[tuple[str, str]] = []
    for error in (
        UnavailableError("far"),
        ImageError("bad"),
        OSError(5, "broken"),
        KeyError("odd"),
    ):
        with statuses.errors_of(ENTRY):
            raise error
        ended.append((statuses.by_slug["a"].status, statuses.by_slug["a"].reason))
    assert ended[:2] == [("left_out", "far"), ("failed", "bad")]
    assert ended[2][0] == "failed"
    assert "report" not in ended[2][1]
    assert "please report it: KeyError" in ended[3][1]
    assert statuses.not_built() == {"a"}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG, errno.EROFS])
def test_a_full_disk_is_no_entrys_fault(tmp_path: Path, number: int) -> None:
    statuses = Statuses(tmp_path, (tmp_path / "build", tmp_path / ".cache"))
    with pytest.raises(StorageError, match="x: the disk"), statuses.errors_of(ENTRY):
        raise OSError(number, "full", str(tmp_path / "x"))
    with pytest.raises(StorageError, match="build again"), statuses.errors_of(ENTRY):
        raise DownloadError("cannot be saved") from OSError(number, "full")
    assert statuses.by_slug == {}


def test_only_own_folders_have_to_be_writable(tmp_path: Path) -> None:
    statuses = Statuses(tmp_path, (tmp_path / "build", tmp_path / ".cache"))
    with pytest.raises(StorageError, match=r"\.cache.*see to it"), statuses.errors_of(ENTRY):
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / ".cache/x"))
    with statuses.errors_of(ENTRY):
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "my/x.pth"))
    assert statuses.by_slug["a"].status == "failed"


def test_reason_tells_no_folder_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    statuses = Statuses(tmp_path / "site")
    statuses.note(ENTRY, "failed", f"{tmp_path / 'site' / 'x.png'}: {tmp_path / 'home' / 'w.pth'}")
    assert statuses.by_slug["a"].reason == f"x.png: ~{os.sep}w.pth"


@pytest.mark.skipif(os.name == "nt", reason="there the root has a letter")
def test_home_at_the_root_leaves_addresses_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/")
    statuses = Statuses(tmp_path)
    statuses.note(ENTRY, "left_out", "http://localhost:9/cats.jpg: not downloaded")
    assert statuses.by_slug["a"].reason == "http://localhost:9/cats.jpg: not downloaded"


def test_wrong_usage_is_no_entrys_fault(tmp_path: Path) -> None:
    statuses = Statuses(tmp_path)
    with pytest.raises(UsageError), statuses.errors_of(ENTRY):
        raise UsageError("no such device")
    assert statuses.by_slug == {}
