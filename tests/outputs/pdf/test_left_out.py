"""What the core leaves to the site: nothing of it is printed, and links to it say so."""

from __future__ import annotations

from generator.outputs.pdf.chapters import Chapter
from generator.outputs.pdf.hypertext import joined
from generator.outputs.pdf.left_out import LeftOut, is_for_full_print
from tests.outputs.pdf.test_hypertext import place

BEGIN, END = '<div class="left-out-begins"></div>', '<div class="left-out-ends"></div>'
LINE = '<div class="left-out"><p>On the site: it<span class="left-out-address"></span>.</p></div>'
PAGE = (
    '<h1 id="q3">Q3</h1><p><a href="#more">more</a> <a href="gallery/a.md#x">a</a></p>'
    f'{BEGIN}<h2 id="more">More</h2>{BEGIN}<p><img src="a.svg" alt=""></p>{END}<p id="b">hidden'
    f"</p><form></form>{END}{LINE}<p>shown</p>"
)


def printed(site_url: str) -> str:
    left_out = LeftOut(site_url, frozenset({"gallery/a.md"}))
    found = joined([Chapter("q3.md", 1, PAGE)], place, left_out)
    assert found.pictures == {}
    assert not any("hidden" in text for _, text in found.texts)
    return found.chapters[0]


def test_left_out_parts_are_not_read_nor_refused() -> None:
    html = printed("")
    assert "hidden" not in html
    assert "More" not in html
    assert "<p>shown</p>" in html


def test_without_an_address_links_say_that_the_site_has_it() -> None:
    html = printed("")
    assert '<p>more<span class="on-the-site"></span> a<span class="on-the-site"></span></p>' in html
    assert "<p>On the site: it<span></span>.</p>" in html


def test_with_an_address_links_lead_to_the_site() -> None:
    html = printed("https://a.org/")
    assert '<a href="https://a.org/q3.html#more">more</a><span class="on-the-site">' in html
    assert '<a href="https://a.org/gallery/a.html#x">a</a>' in html
    assert '<span>, <a href="https://a.org/q3.html#more">a.org/q3.html#more</a></span>' in html


def test_page_for_full_print_says_so_in_its_settings_alone() -> None:
    assert is_for_full_print("---\nhide:\n  - toc\nprint: full\n---\n# A\n")
    assert not is_for_full_print("---\nhide:\n  - toc\n---\n# A\n\nprint: full\n")
    assert not is_for_full_print("# A\n\n---\nprint: full\n---\n")


def test_images_of_the_core_begin_no_page() -> None:
    chapter = Chapter("gallery/b.md", 2, '<h1 id="b">B</h1>')
    starts = [
        joined([chapter], place, LeftOut(runs_on=one)).chapters[0].split('data-starts="')[1][:5]
        for one in (False, True)
    ]
    assert starts == ["image", '"></d']
