"""What a page calls itself, found in time however it is written."""

from __future__ import annotations

from generator.project.headings import first_heading


def test_the_first_heading_counts() -> None:
    assert first_heading("x\n# A title #\n# Other\n") == "A title"
    assert first_heading("no\n#heading\n# \n") is None
    assert first_heading("## Deeper\n# Title", 1) == "Title"
    assert first_heading("## Deeper\n# Title") == "Deeper"
    assert first_heading("# ##") == "##"


def test_spaces_take_no_time() -> None:
    assert first_heading("# A" + " " * 100_000 + "b\n") == "A" + " " * 100_000 + "b"
