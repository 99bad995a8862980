"""Content computes, and that is all: it reaches no file, and nothing in it goes on for ever."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from generator.errors import PageError
from generator.pages import jinja
from generator.pages.jinja import Renderer
from generator.pages.links import Links
from generator.pages.reads import Reads
from generator.pages.render import PAGES, render_pages
from generator.pages.values import page_values
from tests.invented import built, invented_contents, invented_project, invented_result


def refusal(root: Path, page: str) -> str:
    """What is said of a page whose third line is hostile."""
    config = invented_project(root, {"q1.md": f"# Q1\n\n{page}\n"})
    results = [invented_result()]
    contents = invented_contents(results, built(results))
    renderer, reads = Renderer(config), Reads(page_values(config, contents, "site", PAGES, {}))
    values = {**reads.views(), "folder": "", "ref": Links({}, PAGES, "").ref}
    values |= renderer.macros("macros.md.j2", values)
    with pytest.raises(PageError) as caught:
        renderer.page("q1.md", values)
    return str(caught.value)


OUT = {
    "subclasses": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "filter": "{{ '' | attr('__class__') }}",
    "by item": "{{ ''['__class__'] }}",
    "globals of a function": "{{ ref.__globals__ }}",
    "globals of a method": "{{ ref.__func__.__globals__ }}",
    "self of a method": "{{ ref.__self__ }}",
    "a macro's environment": "{{ note._environment }}",
    "the template": "{{ self._TemplateReference__context }}",
    "cycler": "{{ cycler.__init__.__globals__.os.system('touch hacked') }}",
    "joiner": "{{ joiner.__init__ }}",
    "namespace": "{{ namespace.__init__ }}",
    "range": "{{ range.__class__ }}",
    "format": "{{ '{0.__class__}'.format(site) }}",
    "format by key": "{{ '{x.__class__}'.format_map({'x': site}) }}",
    "format through a filter": "{{ ['{0.__init__.__globals__}'] | map('format', site) | list }}",
    "map": "{{ [site] | map(attribute='__class__') | first }}",
    "a file is read": "{{ site.content.read_text() }}",
    "a file is written": "{{ (site.root).joinpath('x').write_text('x') }}",
    "a folder is listed": "{{ site.content.iterdir() | list }}",
    "a parent": "{{ site.content.parent }}",
    "a link is followed": "{{ site.root.resolve() }}",
    "an array is written": "{{ results[0].detections.scores.tofile('hacked') }}",
    "an array is dumped": "{{ results[0].detections.scores.dump('hacked') }}",
    "an array's memory": "{{ results[0].detections.scores.ctypes }}",
    "what a view is of": "{{ results[0]._value }}",
    "what is made later": "{{ claims._deferred }}",
    "a generator's frame": "{{ ([1] | map('upper')).gi_frame }}",
    "include": "{% include '../../etc/passwd' %}",
    "include of a whole path": "{% include '/etc/passwd' %}",
    "import": "{% import 'os' as os %}",
    "a list is changed": "{% set x = [] %}{{ x.append(1) }}",
    "values are changed": "{{ curves.clear() }}",
}


@pytest.mark.slow
@pytest.mark.parametrize("page", OUT.values(), ids=OUT.keys())
def test_content_gets_out_of_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.chdir(tmp_path)
    said = refusal(tmp_path, page)
    assert "\n" not in said
    assert re.match(r"content/q1\.md:3: |\S+: this page or template is missing", said), said
    assert list(tmp_path.rglob("hacked")) == []


AGAIN = (
    "{% set n = namespace(x=START) %}{% for _ in range(99) %}{% set n.x = NEXT %}{% endfor %}"
    "{{ n.x }}"
)
MUCH = "{% for _ in range(99999) %}{{ 'x' * 9999 }}{% endfor %}"


def again(start: str, after: str) -> str:
    """Does something 99 times."""
    return AGAIN.replace("START", start).replace("NEXT", after)


LARGE = {
    "a text times a number": "{{ 'x' * 10 ** 9 }}",
    "a number times a text": "{{ 10 ** 9 * 'x' }}",
    "a list times a number": "{{ [1] * 10 ** 9 }}",
    "a range": "{{ range(10 ** 9) | list }}",
    "many ranges": "{{ range(100000) | list * 1000 }}",
    "a power": "{{ 10 ** (10 ** 10) }}",
    "powers of powers": again("9", "n.x * n.x"),
    "center": "{{ 'x' | center(10 ** 9) }}",
    "center method": "{{ 'x'.center(10 ** 9) }}",
    "zfill": "{{ 'x'.zfill(10 ** 9) }}",
    "tabs": "{{ '\\t'.expandtabs(10 ** 9) }}",
    "indent": "{{ 'x' | indent(10 ** 9, first=true) }}",
    "indent with a text": "{{ ('x\\n' * 10000) | indent('x' * 10000) }}",
    "slice": "{{ [1] | slice(10 ** 9) | list }}",
    "batch": "{{ [1] | batch(10 ** 9, 1) | list }}",
    "tojson": "{{ [1, 2] | tojson(10 ** 9) }}",
    "round": "{{ 1.5 | round(10 ** 9) }}",
    "replace": "{{ ('x' * 10000) | replace('x', 'x' * 10000) }}",
    "replace method": "{{ ('x' * 10000).replace('x', 'x' * 10000) }}",
    "join": "{{ range(10000) | join('x' * 10000) }}",
    "join method": "{{ ('x' * 10000).join(range(10000) | map('string')) }}",
    "printf": "{{ '%1000000000d' % 1 }}",
    "printf with a star": "{{ '%*d' % (10 ** 9, 1) }}",
    "printf with a key": "{{ '%(a)1000000000d' % {'a': 1} }}",
    "printf with nested keys": "{{ '%((a))1000000000d' % {'(a)': 1} }}",
    "printf filter": "{{ '%.1000000000f' | format(1.0) }}",
    "printf of a text": "{{ ('%s' * 9999) % ((('x' * 9999),) * 9999) }}",
    "format": "{{ '{:1000000000}'.format(1) }}",
    "format in a format": "{{ '{:{}}'.format(1, 10 ** 9) }}",
    "format of a text": "{{ ('{0}' * 9999).format('x' * 9999) }}",
    "texts joined again and again": again("'x'", "n.x ~ n.x"),
    "texts added again and again": again("'x'", "n.x + n.x"),
    "lists in lists": again("[]", "[n.x, n.x]"),
    "tuples in tuples": again("()", "(n.x, n.x)"),
    "groups in groups": again("{}", "dict(a=n.x, b=n.x)"),
    "a page": MUCH,
    "a macro": "{% macro m() %}" + MUCH + "{% endmacro %}{{ m() }}",
    "a block that is set": "{% set x %}" + MUCH + "{% endset %}",
}


@pytest.mark.slow
@pytest.mark.parametrize("page", LARGE.values(), ids=LARGE.keys())
def test_nothing_is_too_large_for_a_page(tmp_path: Path, page: str) -> None:
    said = refusal(tmp_path, page)
    assert "\n" not in said
    assert re.match(r"content/q1\.md:3: .*(too large|too big)", said, re.IGNORECASE), said


def test_lipsum_is_not_offered(tmp_path: Path) -> None:
    assert refusal(tmp_path, "{{ lipsum(n=10 ** 7) }}") == "content/q1.md:3: 'lipsum' is undefined"


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
        "{% include 'q1.md' %}",
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "{{ " + "[" * 5000 + "1" + "]" * 5000 + " }}",
        "{{ " + "1 + " * 5000 + "1 }}",
        "{% if 1 %}" * 2000 + "{% endif %}" * 2000,
    ],
    ids=["macro", "two macros", "include", "brackets", "lists", "a sum", "blocks"],
)
def test_what_goes_too_deep_is_one_line(tmp_path: Path, page: str) -> None:
    said = refusal(tmp_path, page)
    assert "\n" not in said
    assert said.startswith("content/q1.md"), said


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [
        "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
        "{% set a = range(100000) | list %}{% for b in a %}{{ (a | sum) and '' }}{% endfor %}",
        "{% for a in range(100000) %}{% for b in range(100000) %}{{ '' }}{% endfor %}{% endfor %}",
    ],
    ids=["loops", "sums", "writing"],
)
def test_a_loop_without_an_end_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.setattr(jinja, "MOST_SECONDS", 0.2)
    said = refusal(tmp_path, page)
    assert said.startswith("content/q1.md:3: this was not done after 0.2 seconds")


def test_a_link_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    root = tmp_path / "project"
    (root / "content" / "parts").mkdir(parents=True)
    try:
        (root / "content" / "parts" / "x.md").symlink_to(tmp_path / "secret")
    except OSError:
        pytest.skip("links are not allowed here")
    said = refusal(root, "{% include 'parts/x.md' %}")
    assert said == "content/q1.md:3: `parts/x.md` is a link that leads out of the project"


@pytest.mark.slow
def test_what_pages_need_works(tmp_path: Path) -> None:
    page = (
        "{{ '%.2f' | format(1.234) }} {{ '{:,}'.format(722500) }} {{ thousands(722500) }} "
        "{{ ['a', 'b'] | join(', ') }} {{ 'a' ~ 1 }} {{ (1, 2) | sum }} {{ results | length }} "
        "{{ results[0].detections.scores.max() | round(1) }} {{ site.content.name }} "
        "{{ '**%s**' % 'x' }} {{ site.title.upper() }} {{ 2 ** 10 }} {{ dict(a=1).a }}"
    )
    config = invented_project(tmp_path, {"q1.md": f"# Q1\n\n{page}\n"})
    results = [invented_result()]
    pages, _ = render_pages(config, invented_contents(results, built(results)))
    shown = pages["q1.md"].splitlines()[2]
    assert shown == (
        f"1.23 722,500 722,500 a, b a1 3 1 1.0 content **x** {config.title.upper()} 1024 1"
    )
