"""The Markdown of a site, and the MkDocs settings, written from invented results."""

from __future__ import annotations

import html
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.errors import PageError
from generator.files.folders import BuildFolder
from generator.pages.contents import Contents, EntryStatus, ImageResult
from generator.pages.render import PAGES, write_pages
from tests.invented import (
    built,
    invented_contents,
    invented_project,
    invented_result,
)


def pages_of(
    root: Path,
    results: list[ImageResult],
    content: dict[str, str] | None = None,
    absent: tuple[EntryStatus, ...] = (),
    **settings: Any,
) -> Path:
    """Writes a site's pages and returns `build/docs`."""
    config = invented_project(root, content, **settings)
    statuses = [*built(results), *absent]
    write_pages(config, invented_contents(results, statuses), BuildFolder(root / "build"))
    return root / "build" / "docs"


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def refusal(root: Path, name: str, text: str) -> str:
    with pytest.raises(PageError) as caught:
        pages_of(root, [invented_result()], {name: text})
    assert not (root / "build").exists(), "something was written before the error"
    return str(caught.value)


@pytest.mark.slow
def test_every_page_is_written(tmp_path: Path) -> None:
    docs = pages_of(tmp_path, [invented_result("a"), invented_result("b")])
    names = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")}
    assert names == {f"{page}.md" for page in PAGES} | {"gallery/a.md", "gallery/b.md"}
    assert (docs / "assets" / "iframe-worker.js").is_file()


@pytest.mark.slow
def test_image_page_prints_the_notebooks_shapes(tmp_path: Path) -> None:
    result = invented_result()
    cats = replace(result, shapes=replace(result.shapes, grid_hw=(25, 34), input_hw=(800, 1066)))
    page = read(pages_of(tmp_path, [cats]) / "gallery" / "cats.md")
    assert (
        "```text\n"
        "Encoder attention: [850, 850]\n"
        "Feature map: [1, 2048, 25, 34]\n"
        "Reshaped self-attention: [25, 34, 25, 34]\n"
        "```\n"
    ) in page
    assert "are 32 pixels of the network's input apart" in page
    assert "34 × 25 equal parts, whose first column would be centred 15.2 pixels" in page


@pytest.mark.slow
def test_detections_are_listed_best_first_and_scores_rounded_down(tmp_path: Path) -> None:
    page = read(pages_of(tmp_path, [invented_result(n=2)]) / "gallery" / "cats.md")
    rows = [re.sub(r"<[^>]+>", "", row) for row in page.split("\n") if "1, 3, 30, 40" in row]
    assert rows == ["|  0 | cat | 0.999 | 1, 3, 30, 40 |", "|  7 | dog | 0.910 | 1, 3, 30, 40 |"]
    assert "2 answer with a\nclass that scores above 0.9." in page


@pytest.mark.slow
@pytest.mark.parametrize(("n", "sentence"), [(0, "none answers"), (1, "one answers")])
def test_page_reads_well_with_few_detections(tmp_path: Path, n: int, sentence: str) -> None:
    page = read(pages_of(tmp_path, [invented_result(n=n)]) / "gallery" / "cats.md")
    assert sentence in page
    assert ("An empty answer is an answer." in page) == (n == 0)
    assert ("| Query | Class |" in page) == (n > 0)


@pytest.mark.slow
def test_provenance_names_model_weights_threshold_and_source(tmp_path: Path) -> None:
    result = invented_result(
        credit="A. Photographer", file=None, url="https://example.org/cats.jpg", threshold=0.75
    )
    page = read(pages_of(tmp_path, [result]) / "gallery" / "cats.md")
    assert "| Credit | A. Photographer |" in page
    assert "(https://example.org/cats.jpg)" in page
    assert result.weights_sha256 in page
    assert "| Threshold | 0.75 |" in page
    assert "| Network input | 128 × 96 pixels |" in page
    assert "| Grid | 3 rows × 4 columns |" in page
    assert "Trained on nothing at all." in page


@pytest.mark.slow
def test_points_are_given_as_pixels_and_the_cells_with_the_nearest_centres(tmp_path: Path) -> None:
    page = read(pages_of(tmp_path, [invented_result()]) / "gallery" / "cats.md")
    assert "</span> 1 | 32, 24 | 1, 1 |" in page
    assert "</span> 2 | 96, 86 | 2, 3 |" in page


@pytest.mark.slow
def test_pictures_have_their_sizes_and_link_to_the_whole_file(tmp_path: Path) -> None:
    page = read(pages_of(tmp_path, [invented_result()]) / "gallery" / "cats.md")
    file = "../figures/cats/decoder.webp"
    attributes = '{ width="20" height="10" loading="lazy" }'
    assert f"[![Alt of decoder]({file}){attributes}]({file})\n/// caption" in page
    figures = invented_result("cats").figures
    assert page.count("[![") == len(figures) + 1  # and the image itself


@pytest.mark.slow
def test_images_are_linked_in_the_order_of_the_gallery(tmp_path: Path) -> None:
    docs = pages_of(tmp_path, [invented_result(slug) for slug in ("b", "c", "a")])
    middle = read(docs / "gallery" / "c.md")
    assert middle.count("[← B](b.md)") == middle.count("[A →](a.md)") == 2
    assert "[All images](../q2.md)" in middle
    assert "←" not in read(docs / "gallery" / "b.md")
    assert "→" not in read(docs / "gallery" / "a.md")


@pytest.fixture(scope="module")
def sixty_one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of a site of so many images; tests change copies of them."""
    root = tmp_path_factory.mktemp("sixty-one")
    return pages_of(root, [invented_result(f"i{n}", n=0) for n in range(61)])


@pytest.mark.slow
def test_gallery_is_paged_above_sixty_images(sixty_one: Path) -> None:
    docs = sixty_one
    first, second = read(docs / "q2.md"), read(docs / "q2-2.md")
    assert (first.count("(gallery/"), second.count("(gallery/")) == (60, 1)
    assert "**Page 1**\n[Page 2](q2-2.md)" in first
    assert second.startswith("# Q2 Gallery, page 2 of 2\n")
    assert "The introduction." in first
    assert "The introduction." not in second
    assert "[All images](../q2-2.md)" in read(docs / "gallery" / "i60.md")


@pytest.mark.slow
def test_sixty_images_need_one_page(tmp_path: Path) -> None:
    docs = pages_of(tmp_path, [invented_result(f"i{n}", n=0) for n in range(60)])
    assert not (docs / "q2-2.md").exists()
    assert "pager" not in read(docs / "q2.md")


@pytest.mark.slow
def test_absent_entries_are_noted_and_instructors_are_told_why(tmp_path: Path) -> None:
    absent = (
        EntryStatus("far", "Far | away", "left_out", "no network"),
        EntryStatus("bad", "Bad", "failed", "cut\nshort"),
    )
    pages = [
        read(pages_of(tmp_path / one, [invented_result()], absent=absent, edition=one) / "q2.md")
        for one in ("student", "instructor")
    ]
    assert all('!!! warning "Not in this build"' in page for page in pages)
    assert "- **Far &#124; away** was left out\n" in pages[0]
    assert "no network" not in pages[0]
    assert "- **Far &#124; away** was left out: no network\n" in pages[1]
    assert "- **Bad** failed: cut short\n" in pages[1]


@pytest.mark.slow
def test_gallery_without_absent_entries_has_no_notice(tmp_path: Path) -> None:
    assert "!!!" not in read(pages_of(tmp_path, [invented_result()]) / "q2.md")


@pytest.mark.slow
def test_gallery_without_images_says_so(tmp_path: Path) -> None:
    docs = pages_of(tmp_path, [], {"index.md": "# Home\n\n{{ example is none }}\n"})
    assert "no picture to show" in read(docs / "q2.md")
    assert "True" in read(docs / "index.md")


@pytest.mark.slow
def test_texts_of_the_gallery_are_escaped_everywhere(tmp_path: Path) -> None:
    nasty = "</title><script>a</script> | `b` {{ c }} $d$ *e*"
    result = invented_result(title=nasty, caption=nasty, credit=nasty, alt=nasty)
    docs = pages_of(tmp_path, [result, invented_result("next")], {"q1.md": "{{ ref('cats') }}"})
    for name in ("gallery/cats.md", "gallery/next.md", "q2.md", "q1.md"):
        page = read(docs / name)
        _, _, body = page.rpartition("\n---\n") if page.startswith("---") else ("", "", page)
        for raw in ("<script", "{{", "*e*", "`b`", "$d$"):
            assert raw not in body, name
    settings = yaml.safe_load(read(docs / "gallery" / "cats.md").split("---\n")[1])
    assert html.unescape(settings["title"]) == nasty
    assert "<" not in settings["title"]


@pytest.mark.slow
def test_example_is_the_first_image_with_most_detections(tmp_path: Path) -> None:
    results = [invented_result(slug, n) for slug, n in (("a", 1), ("b", 3), ("c", 3))]
    docs = pages_of(tmp_path, results, {"q1.md": "{{ example.entry.slug }}"})
    assert read(docs / "q1.md") == "b"


@pytest.mark.slow
def test_answers_are_written_in_the_instructor_edition_alone(tmp_path: Path) -> None:
    text = (
        "{% call exercise('One') %}\nHow many?\n\n{% call answer() %}\nForty-two: $6 \\times 7$.\n"
        "{% endcall %}\n{% endcall %}\nAfter. {{ instructor }}\n"
    )
    results = [invented_result()]
    student = read(pages_of(tmp_path / "s", results, {"q1.md": text}) / "q1.md")
    instructor = read(
        pages_of(tmp_path / "i", results, {"q1.md": text}, edition="instructor") / "q1.md"
    )
    for page in (student, instructor):
        assert '!!! question "Exercise: One"\n\n    How many?\n' in page
        assert "\nAfter." in page
    assert "Forty-two" not in student
    assert "Answer" not in student
    assert '\n    ??? success "Answer"\n\n        Forty-two: <span' in instructor


@pytest.mark.slow
def test_note_indents_what_it_holds_and_closes_before_what_follows(tmp_path: Path) -> None:
    text = (
        '{% call note("warning", "A \\"b\\"") %}\n  - one\n    - two\n\n'
        "  ```\n  x\n\n\n  y\n  ```\n{% endcall %}\nAfter.\n"
    )
    page = read(pages_of(tmp_path, [invented_result()], {"q1.md": text}) / "q1.md")
    assert '!!! warning "A &quot;b&quot;"\n\n    - one\n      - two\n\n    ```\n    x\n' in page
    assert re.search(r"    ```\n\nAfter\.", page)


@pytest.mark.slow
def test_figure_takes_an_anchor_and_markdown(tmp_path: Path) -> None:
    text = '{{ figure(example.figures["decoder"], "A *caption*", "fig-a") }}\nAfter.\n'
    page = read(pages_of(tmp_path, [invented_result()], {"q1.md": text}) / "q1.md")
    assert '/// caption\n    attrs: {id: "fig-a"}\n\n**Figure 1.1.** A *caption*\n///\n' in page


@pytest.mark.slow
def test_content_may_use_the_documented_names(tmp_path: Path) -> None:
    text = (
        "{{ site.title }}/{{ results | length }}/{{ statuses[0].status }}/{{ cards[0].name }}/"
        "{{ shape(3, 4) }}/{{ 0.0123 | in_digits }}/{{ versions.torch }}/"
        "{{ versions['mkdocs-material'] }} <# gone #>{#id}"
    )
    page = read(pages_of(tmp_path, [invented_result()], {"q1.md": text}) / "q1.md")
    assert re.fullmatch(r"A handout/1/built/detr_emoji/3 × 4/0\.012/[\d.]+\S*/[\d.]+ {#id}", page)


@pytest.mark.slow
def test_links_to_entries_that_were_left_out_become_words(tmp_path: Path) -> None:
    absent = (EntryStatus("far", "Far away", "left_out", "no network"),)
    text = "{{ ref('far') }}, {{ ref('q3#maps', 'maps') }}, {{ ref('cats') }}"
    page = read(pages_of(tmp_path, [invented_result()], {"q1.md": text}, absent) / "q1.md")
    assert page == "Far away (not in this build), [maps](q3.md#maps), [Cats](gallery/cats.md)"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("# A\n\n{{ nothing }}\n", 3, "'nothing' is undefined"),
        ("# A\n\n{% if x %}\n", 3, "Unexpected end"),
        ("# A\n{{ ref('cat') }}\n", 2, "did you mean `cats`?"),
        ("# A\n{{ ref('q4') }}\n", 2, "there are index, q1, q2, q3, about"),
        (
            "# A\n\n{% call note('a', 'b') %}\nx\n{{ site.nothing }}\n{% endcall %}",
            5,
            "no attribute",
        ),
        ("# A\n{{ figure(1, 'a') }}\n", 2, "no attribute 'tiles'"),
        ("# A\n{{ 1 / 0 }}\n", 2, "ZeroDivisionError"),
        ("# A\n\nText\nwith $\\unheardof x$.\n", 4, "\\unheardof"),
        ("# A\n\n{% call note('a', 'b') %}\n$$\na\n+ \\boxed{b}\n$$\n{% endcall %}", 5, "\\boxed"),
    ],
)
def test_mistakes_in_content_are_named_with_file_and_line(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    message = refusal(tmp_path, "q1.md", text)
    assert message.startswith(f"content/q1.md:{line}: ")
    assert words in message


def test_page_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    config = invented_project(tmp_path)
    (config.content / "q3.md").write_bytes(b"caf\xe9")
    with pytest.raises(PageError, match=r"content/q3\.md: not UTF-8"):
        write_pages(config, Contents(), BuildFolder(tmp_path / "build"))


def test_page_that_is_missing_is_refused(tmp_path: Path) -> None:
    config = invented_project(tmp_path)
    (config.content / "about.md").unlink()
    with pytest.raises(PageError, match=r"^about\.md: .*missing"):
        write_pages(config, Contents(), BuildFolder(tmp_path / "build"))


@pytest.mark.slow
def test_second_build_touches_nothing(tmp_path: Path) -> None:
    docs = pages_of(tmp_path, [invented_result()])
    files = [path for path in docs.parent.rglob("*") if path.is_file()]
    before = {path: path.stat().st_mtime_ns for path in files}
    pages_of(tmp_path, [invented_result()])
    assert {path: path.stat().st_mtime_ns for path in files} == before


@pytest.mark.slow
def test_pages_of_removed_images_go_and_other_files_stay(sixty_one: Path, tmp_path: Path) -> None:
    docs = Path(shutil.copytree(sixty_one.parent, tmp_path / "build")) / "docs"
    assert (docs / "q2-2.md").is_file()
    for name in ("mine.md", "gallery/mine.md", "figures/i1/decoder.webp"):
        (docs / name).parent.mkdir(parents=True, exist_ok=True)
        (docs / name).write_text("mine")
    pages_of(tmp_path, [invented_result("i1")])
    left = {path.name for path in docs.rglob("*.md")} - {f"{page}.md" for page in PAGES}
    assert left == {"mine.md", "i1.md"}
    assert (docs / "gallery" / "mine.md").exists()
    assert (docs / "figures" / "i1" / "decoder.webp").exists()


@pytest.mark.slow
@pytest.mark.parametrize("title", ["off", "a: b # c", "it's", "{x}", "é 😀", "1.0", "@ % &"])
def test_title_is_the_sites_name_whatever_it_means_in_yaml(tmp_path: Path, title: str) -> None:
    docs = pages_of(tmp_path, [], title=title, author="O'Neill: x", course="yes")
    settings = yaml.safe_load(read(docs.parent / "mkdocs.yml"))
    assert settings["site_name"] == title
    assert settings["site_author"] == "O'Neill: x"
    assert settings["copyright"] == "yes · O'Neill: x"


@pytest.mark.slow
def test_title_is_escaped_where_mkdocs_does_not(tmp_path: Path) -> None:
    docs = pages_of(tmp_path, [], title='<b> "x"', edition="instructor")
    settings = yaml.safe_load(read(docs.parent / "mkdocs.yml"))
    assert settings["site_name"] == "&#60;b&#62; &#34;x&#34; (instructor edition)"


@pytest.mark.slow
def test_menu_holds_the_five_pages_and_what_the_author_added(tmp_path: Path) -> None:
    docs = pages_of(tmp_path, [invented_result()], {"syllabus.md": "# Plan\n"})
    settings = yaml.safe_load(read(docs.parent / "mkdocs.yml"))
    *pages, about = [{title: f"{name}.md"} for name, title in PAGES.items()]
    assert settings["nav"] == [*pages, "syllabus.md", about]
    assert read(docs / "syllabus.md") == "# Plan\n"


@pytest.mark.slow
def test_address_of_an_image_is_published_without_its_secrets(tmp_path: Path) -> None:
    result = invented_result("far", file=None, url="https://me:hunter2@host/a.jpg?token=sesame")
    text = (pages_of(tmp_path, [result]) / "gallery/far.md").read_text()
    assert "(https://host/a.jpg)" in text
    assert "hunter2" not in text
    assert "sesame" not in text


@pytest.mark.parametrize(
    "line",
    [
        "![far](https://example.org/y.png)",
        '<img alt="far" src="//example.org/z.png">',
        "<script async src='http://example.org/x.js'></script>",
        '<link rel="stylesheet" href="https://example.org/a.css">',
    ],
)
def test_page_that_would_load_from_another_host_is_refused(line: str, tmp_path: Path) -> None:
    with pytest.raises(PageError, match=r"content/q3\.md:3: .*example\.org.* another host"):
        pages_of(tmp_path, [], {"q3.md": f"# Q3 Attention\n\n{line}\n"})


@pytest.mark.slow
def test_links_and_code_may_name_another_host(tmp_path: Path) -> None:
    text = (
        "# Q3 Attention\n\n[a paper](https://arxiv.org/abs/2005.12872)\n\n"
        "`![x](https://example.org/x.png)`\n\n```html\n<img src='https://example.org'>\n```\n"
    )
    docs = pages_of(tmp_path, [], {"q3.md": text})
    assert "arxiv.org" in (docs / "q3.md").read_text()
