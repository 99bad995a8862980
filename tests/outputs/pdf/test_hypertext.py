from __future__ import annotations

import pytest

from generator.errors import PageError
from generator.outputs.pdf.chapters import Chapter
from generator.outputs.pdf.hypertext import Hypertext, joined

Q1 = Chapter("q1.md", 1, '<h1 id="q1-model">Q1</h1>\n<h2 id="heads">Heads</h2>')
CATS = '<h1 id="cats">Cats</h1>'


def place(file: str, text: str) -> str:
    return f"{file}:{text}"


def read(html: str, file: str = "gallery/cats.md", level: int = 2) -> Hypertext:
    return joined([Q1, Chapter(file, level, CATS + html)], place)


def problems_of(html: str) -> list[str]:
    with pytest.raises(PageError) as caught:
        read(html)
    return str(caught.value).splitlines()


def test_ids_and_links_hold_over_all_chapters() -> None:
    html = read(
        '<p><a href="../q1.md">a</a> <a href="../q1.md#heads">b</a> <a href="#x">c</a></p>'
        '<h2 id="x">X</h2><p><a href="https://a.org/x.md">d</a></p>'
    ).chapters[1]
    assert '<h2 id="gallery.cats:cats">Cats</h2>' in html
    assert '<h3 id="gallery.cats:x">X</h3>' in html
    assert '<a href="#q1:q1-model">a</a> <a href="#q1:heads">b</a>' in html
    assert '<a href="#gallery.cats:x">c</a>' in html
    assert '<a href="https://a.org/x.md">d</a>' in html


def test_link_to_a_file_of_the_site_leaves_its_words() -> None:
    whole = read('<p><a href="../figures/a.webp"><img src="../figures/a%20b.webp" alt="A"></a></p>')
    assert '<p><img src="figures/a b.webp" alt="A"></p>' in whole.chapters[1]
    assert whole.pictures == {"figures/a b.webp": "gallery/cats.md"}


@pytest.mark.parametrize("href", ["../q1.md#hands", "../q4.md", "#nowhere", "q1.md"])
def test_link_that_leads_nowhere_is_named(href: str) -> None:
    assert problems_of(f'<p><a href="{href}">x</a></p>') == [
        f"gallery/cats.md:{href}: the link to `{href}` leads to nothing in the handout"
    ]


def test_elements_that_cannot_be_printed_are_named_once_without_their_content() -> None:
    lines = problems_of(
        "<form><label>x</label><input></form><form></form>"
        '<svg><path d=""/><text>y</text></svg><video src="a"></video>'
    )
    assert [line.split("`")[1] for line in lines] == ["<form>", "<svg>", "<video>"]
    assert all('target == "site"' in line for line in lines)


def test_picture_without_alt_text_is_refused() -> None:
    assert problems_of('<img src="a.webp" alt=" ">') == [
        "gallery/cats.md:a.webp: the picture `a.webp` has no alt text"
    ]


def test_page_without_a_heading_is_refused() -> None:
    with pytest.raises(PageError, match=r"q3\.md:: the page has no heading"):
        joined([Chapter("q3.md", 1, "<p>x</p>")], place)


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ('<nav class="pager"><p>a</p></nav><p>b</p>', "<p>b</p>"),
        ("<script>if (a < b) {}</script><p>b</p>", "<p>b</p>"),
        (
            '<details class="success"><summary>S</summary><p>b</p></details>',
            '<div class="admonition success"><div class="admonition-title">S</div><p>b</p></div>',
        ),
        (
            '<div class="language-python highlight"><pre><span></span><code>'
            '<span class="linenos"></span><span class="n">a</span> &lt; 1\n</code></pre></div>',
            '<div class="language-python highlight"><pre class="python numberLines"><code>'
            "a &lt; 1\n</code></pre></div>",
        ),
        (
            '<p><code class="language-python highlight"><span class="n">a</span>()</code> b</p>',
            "<p><code>a()</code> b</p>",
        ),
        ("<p>a<p>b</p></p><p>c</p>", "<p>a<p>b</p></p><p>c</p>"),
        ("<div><p>a</div><p>b</p></i>", "<div><p>a</p></div><p>b</p>"),
        (
            '<math><mi mathvariant="normal">a</mi><mspace /></math>',
            '<math><mi mathvariant="normal">a</mi><mspace /></math>',
        ),
        ('<p class="blank-title" role="heading">a</p>', '<div class="blank-title">a</div>'),
        ('<p onclick="x()">a &amp; b&nbsp;c</p>', "<p>a &amp; b\xa0c</p>"),
    ],
)
def test_html_for_pandoc(html: str, wanted: str) -> None:
    assert read(html).chapters[1].endswith("Cats</h2>" + wanted)


def test_footnotes_keep_their_text_and_lose_the_way_back() -> None:
    html = read(
        '<p>x<sup id="fnref:1"><a class="footnote-ref" href="#fn:1">1</a></sup></p>'
        '<div class="footnote"><ol><li id="fn:1"><p>y'
        '<a class="footnote-backref" href="#fnref:1">back</a></p></li></ol></div>'
    ).chapters[1]
    assert '<a class="footnote-ref" href="#gallery.cats:fn:1">1</a>' in html
    assert '<li><div class="footnote-text" id="gallery.cats:fn:1"><p>y</p></div></li>' in html


def test_texts_are_those_that_are_typeset() -> None:
    whole = read("<p>北京 <math><mi>λ</mi></math></p><script>é</script>")
    assert ("gallery/cats.md", "北京 ") in whole.texts
    assert not {"λ", "é"} & set("".join(text for _, text in whole.texts))
