import logging
import sys

import pytest

from generator.build.progress import progress


def test_plain_lines_where_there_is_no_terminal(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "generator")
    with progress("DETR", 2) as shown:
        for name in ("cats", "dogs"):
            with shown.item(name):
                pass
    assert caplog.messages == ["DETR 1/2: cats", "DETR 2/2: dogs"]


def test_a_bar_with_names_on_a_terminal_and_each_message_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    logger, handler = logging.getLogger("generator"), logging.StreamHandler(sys.stderr)
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [handler])
    monkeypatch.setattr(logger, "level", logging.INFO)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress("Figures", 1) as shown, shown.item("cats"):
        logger.warning("something to know")
    text = capsys.readouterr().err
    assert "Figures" in text
    assert "cats" in text
    assert text.count("something to know") == 1


def test_item_that_fails_lets_the_error_through() -> None:
    with progress("DETR", 1) as shown, pytest.raises(KeyError), shown.item("cats"):
        raise KeyError
