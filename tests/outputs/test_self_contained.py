"""One file of HTML: pictures are data, and nothing is left that a browser would load or run."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from generator.errors import PageError
from generator.outputs.self_contained import one_file


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures/a.webp").write_bytes(b"webp")
    return tmp_path


def test_pictures_become_data_and_links_to_them_none(pictures: Path) -> None:
    body = (
        '<p><a class="x" href="figures/a.webp"><img src="figures/a.webp" alt="a &quot;b&quot; &lt;"'
        ' loading="lazy"></a> <a href="https://example.org/?a&amp;b">out</a> <a href="#here">in</a>'
        ' <a href="../q3.html">away</a></p>'
    )
    text = one_file("A & B", body, "p {}\n", pictures)
    data = base64.b64encode(b"webp").decode()
    assert (
        f'<p><span class="x"><img src="data:image/webp;base64,{data}" alt="a &quot;b&quot; &lt;">'
        '</span> <a href="https://example.org/?a&amp;b">out</a> <a href="#here">in</a>'
        " <span>away</span></p>"
    ) in text
    assert "<title>A &amp; B</title>" in text
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in text


def test_scripts_menus_and_handlers_are_left_out_and_formulas_stay(pictures: Path) -> None:
    body = (
        "<script>let a = 1 < 2</script><nav><a>x</a></nav><p onclick='f()'>1 &lt; 2&#8239;m</p>"
        '<math><mspace width="1em"/></math><br>'
    )
    text = one_file("T", body, "", pictures)
    assert (
        '<main class="md-typeset">\n<p>1 &lt; 2&#8239;m</p><math><mspace width="1em"/></math><br>'
        in text
    )


def test_tags_that_end_at_once_are_cleaned_too(pictures: Path) -> None:
    body = (
        '<nav><svg><path d=""/></svg></nav>'
        '<svg viewBox="0 0 1 1"><path d="M0 0" onload="f()"/></svg>'
        '<a href="javascript:f()"/>x</a>'
    )
    text = one_file("T", body, "", pictures)
    wanted = '\n<svg viewbox="0 0 1 1"><path d="M0 0"/></svg><span>x</span>\n</main>'
    assert wanted in text


@pytest.mark.parametrize("name", ["b.webp", "../secret.webp", "/etc/passwd", "figures/a.txt", ""])
def test_a_picture_that_is_not_there_or_elsewhere_is_refused(pictures: Path, name: str) -> None:
    (pictures / "figures/a.txt").touch()
    (pictures.parent / "secret.webp").touch()
    with pytest.raises(PageError, match="is missing"):
        one_file("T", f'<img src="{name}" alt="">', "", pictures)
