from __future__ import annotations

import dataclasses
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from generator.detr.zoo import model_names
from generator.errors import ConfigurationError
from generator.project.config import OUTPUT_NAMES, FigureOptions, SiteConfig, load_config
from generator.project.yaml_source import MAX_BYTES, read_yaml

Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a site_config.yml into a project with all the files that a site needs."""
    root = tmp_path / "project"
    for folder in ("content", "templates", "other"):
        (root / folder).mkdir(parents=True)
    (root / "content" / "gallery.yml").touch()
    (root / "weights.pth").touch()

    def write_config(text: str | bytes) -> Path:
        path = root / "site_config.yml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write_config


def problems_of(path: Path) -> list[tuple[int | None, str]]:
    with pytest.raises(ConfigurationError) as caught:
        load_config(path)
    assert all(problem.path == path for problem in caught.value.problems)
    return [(problem.line, problem.message) for problem in caught.value.problems]


def test_only_the_title_has_to_be_there(write: Write) -> None:
    path = write('title: "Where DETR looks"\n')
    root = path.parent
    assert load_config(path) == SiteConfig(
        root=root,
        title="Where DETR looks",
        author="",
        course="",
        edition="student",
        model="detr_emoji",
        threshold=0.9,
        device="cpu",
        gallery=root / "content" / "gallery.yml",
        content=root / "content",
        templates=root / "templates",
        figures=FigureOptions(colour_map="viridis", dpi=150),
        outputs=("site", "pdf"),
        paper="a4",
        weights={},
        max_pixels=50_000_000,
    )


def test_every_key_is_read(write: Write) -> None:
    path = write(
        "title: T\nauthor: A\ncourse: C\nedition: instructor\nmodel: detr_resnet101_dc5\n"
        "threshold: 0.5\ndevice: auto\ngallery: content/gallery.yml\ncontent: other\n"
        "templates: ./other/../templates\nfigures: {colour_map: magma, dpi: 300}\n"
        "outputs: [site]\npaper: us-letter\nweights: {detr_demo: weights.pth}\nmax_pixels: 1_000\n"
    )
    config = load_config(path)
    root = path.parent
    assert (config.title, config.author, config.course) == ("T", "A", "C")
    assert (config.edition, config.model, config.device) == (
        "instructor",
        "detr_resnet101_dc5",
        "auto",
    )
    assert (config.threshold, config.max_pixels) == (0.5, 1000)
    assert (config.content, config.templates) == (root / "other", root / "templates")
    assert config.figures == FigureOptions(colour_map="magma", dpi=300)
    assert config.weights == {"detr_demo": root / "weights.pth"}


def test_the_shipped_file_shows_every_key_and_is_valid(write: Write) -> None:
    shipped = Path(__file__).parents[2] / "site_config.yml"
    path = write(shipped.read_bytes())
    config = load_config(path)
    assert (config.title, config.course) == ("Where DETR looks", "Vision transformers")
    assert (config.edition, config.model, config.threshold) == ("student", "detr_emoji", 0.9)
    written = read_yaml(path).key_lines
    keys = {field.name for field in dataclasses.fields(SiteConfig)} - {"root", "cards"}
    assert {key for key, *below in written if not below} == keys
    # The file says that a key that is left out takes the value shown.
    shown = dataclasses.replace(config, title="T", course="")
    assert load_config(write("title: T\n")) == shown


def test_weights_may_lie_outside_the_project(write: Write, tmp_path: Path) -> None:
    outside = tmp_path / "detr.pth"
    outside.touch()
    text = f"title: T\nweights:\n  detr_demo: {outside}\n  detr_resnet50: ../detr.pth\n"
    weights = load_config(write(text)).weights
    assert weights["detr_demo"] == outside
    assert weights["detr_resnet50"].samefile(outside)


def test_weights_may_lie_in_the_home_folder(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "detr.pth").touch()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    config = load_config(write("title: T\nweights: {detr_demo: ~/detr.pth}\n"))
    assert config.weights["detr_demo"] == tmp_path / "detr.pth"


def test_keys_with_nothing_after_them_count_as_left_out(write: Write) -> None:
    config = load_config(write("title: T\nauthor:\nthreshold:\ncontent: ~\nfigures:\n"))
    assert config == load_config(write("title: T\n"))
    assert config == load_config(write("title: T\nfigures:\n  dpi:\n  colour_map: ~\n"))


def test_texts_lose_line_breaks_and_spaces_at_their_ends(write: Write) -> None:
    config = load_config(write('title: >\n  Where\n  DETR  looks\nauthor: " A. Uthor "\n'))
    assert (config.title, config.author) == ("Where DETR looks", "A. Uthor")


def test_the_homework_has_points_and_a_deadline(write: Write) -> None:
    text = "title: T\nhomework:\n  points: {q2: 4}\n  deadline: 2026-12-11\n"
    homework = load_config(write(text)).homework
    assert (homework.points.q1, homework.points.q2, homework.points.q3) == (12, 4, 10)
    assert (homework.points.total, homework.deadline) == (26, "2026-12-11")


def test_a_date_is_a_text(write: Write) -> None:
    assert load_config(write("title: T\ncourse: 2026-11-22\n")).course == "2026-11-22"


def test_a_byte_order_mark_and_windows_line_ends_are_read(write: Write) -> None:
    config = load_config(write(b"\xef\xbb\xbftitle: T\r\nauthor: \xc3\x85sa\r\n"))
    assert (config.title, config.author) == ("T", "Åsa")


ONE_OF_MODELS = "expected one of " + ", ".join(f"`{name}`" for name in model_names())
OUTPUTS = ", ".join(f"`{name}`" for name in OUTPUT_NAMES)
FILE, FOLDER = "expected a file in the project", "expected a folder in the project"
COPY = "copy it into the folder of site_config.yml"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("tresh: 1", "unknown key `tresh`; did you mean `threshold`?"),
        ("Author: A", "unknown key `Author`; did you mean `author`?"),
        ("max-pixels: 1", "unknown key `max-pixels`; did you mean `max_pixels`?"),
        (
            "font:",
            "unknown key `font`; the keys here are title, author, course, edition, model, "
            "threshold, device, precision, gallery, content, templates, "
            "standard_texts, figures, outputs, paper, weights, "
            "models, max_pixels",
        ),
        (
            "root: x",
            "unknown key `root`; the keys here are title, author, course, edition, model, "
            "threshold, device, precision, gallery, content, templates, "
            "standard_texts, figures, outputs, paper, weights, "
            "models, max_pixels",
        ),
        ("title: A", "title: this key is already on line 1; keep one of the two"),
        (
            "course: 5",
            "course: expected text, found `5`, which YAML reads as a number; put it in quotes",
        ),
        (
            "course: off",
            "course: expected text, found `off`, which YAML reads as true or false; put it in "
            "quotes",
        ),
        (
            "course: 12:30",
            "course: expected text, found `12:30`, which YAML reads as a number; put it in quotes",
        ),
        ("course: [a, b]", "course: expected text, found `[a, b]`"),
        ("course: {a: b}", "course: expected text, found a group of keys"),
        (
            "edition: Students",
            "edition: expected one of `student`, `instructor`, `both`, found `Students`; did you "
            "mean `student`?",
        ),
        (
            "model: detr_resnet_50",
            f"model: {ONE_OF_MODELS}, found `detr_resnet_50`; did you mean `detr_resnet50`?",
        ),
        ("model: yolo", f"model: {ONE_OF_MODELS}, found `yolo`"),
        ("model: [a]", f"model: {ONE_OF_MODELS}, found `[a]`"),
        ("device: gpu", "device: expected one of `auto`, `cpu`, `cuda`, `mps`, found `gpu`"),
        ("threshold: high", "threshold: expected a number between 0 and 1, found `high`"),
        (
            "threshold: yes",
            "threshold: expected a number between 0 and 1, found `yes`, which YAML reads as true "
            "or false; write a number such as 0.9",
        ),
        (
            'threshold: "0.9"',
            'threshold: expected a number between 0 and 1, found `"0.9"`; write 0.9',
        ),
        ("threshold: 0,9", "threshold: expected a number between 0 and 1, found `0,9`; write 0.9"),
        (
            "threshold: 90 %",
            "threshold: expected a number between 0 and 1, found `90 %`; write 0.9",
        ),
        (
            "threshold: 1",
            "threshold: expected a number between 0 and 1, found `1`; 0 and 1 themselves are not "
            "allowed",
        ),
        (
            "threshold: 0.0",
            "threshold: expected a number between 0 and 1, found `0.0`; 0 and 1 themselves are "
            "not allowed",
        ),
        ("threshold: -0.5", "threshold: expected a number between 0 and 1, found `-0.5`"),
        ("threshold: .nan", "threshold: expected a number between 0 and 1, found `.nan`"),
        ("threshold: 0x_", "threshold: expected a number between 0 and 1, found `0x_`"),
        (
            "figures: {color_map: jet}",
            "figures: unknown key `color_map`; did you mean `colour_map`?",
        ),
        (
            "figures: {colour_map: jet}",
            "figures: colour_map: expected one of `viridis`, `cividis`, `inferno`, `magma`, "
            "`plasma`, found `jet`",
        ),
        ("figures: {dpi: 71}", "figures: dpi: expected a whole number from 72 to 300, found `71`"),
        (
            "figures: {dpi: 301}",
            "figures: dpi: expected a whole number from 72 to 300, found `301`",
        ),
        (
            "figures: {dpi: 100.0}",
            "figures: dpi: expected a whole number from 72 to 300, found `100.0`",
        ),
        ("figures: {dpi: on}", "figures: dpi: expected a whole number from 72 to 300, found `on`"),
        (
            "homework: {points: {q1: 1.5}}",
            "homework: points: q1: expected a whole number of points, from 0 to 1000, found `1.5`",
        ),
        (
            "homework: {points: 30}",
            "homework: points: expected keys such as `q1:` below it, found `30`",
        ),
        (
            "homework: {dead_line: x}",
            "homework: unknown key `dead_line`; did you mean `deadline`?",
        ),
        ("figures: large", "figures: expected keys such as `dpi:` below it, found `large`"),
        (
            "outputs: [sites]",
            f"output 1: expected one of {OUTPUTS}, found `sites`; did you mean `site`?",
        ),
        ("outputs: [site, ps]", f"output 2: expected one of {OUTPUTS}, found `ps`"),
        ("outputs: site", "outputs: expected a list such as `[site, pdf]`, found `site`"),
        ("outputs: []", "outputs: expected a list such as `[site, pdf]`, found an empty list"),
        ("max_pixels: 0", "max_pixels: expected a whole number of pixels, at least 1, found `0`"),
        (
            "max_pixels: many",
            "max_pixels: expected a whole number of pixels, at least 1, found `many`",
        ),
        (
            "weights: a.pth",
            "weights: expected model names below it, each with a file, found `a.pth`",
        ),
        (
            "weights: {detr_demos: weights.pth}",
            "weights: unknown key `detr_demos`; did you mean `detr_demo`?",
        ),
        (
            "weights: {detr_demo: a.pth}",
            "weights: detr_demo: expected the path of a file that exists, found `a.pth`",
        ),
        (
            "weights: {detr_demo: content}",
            "weights: detr_demo: expected the path of a file that exists, found `content`",
        ),
        (
            "weights: {detr_demo: }",
            "weights: detr_demo: expected the path of a file that exists, found nothing",
        ),
        (
            "weights: {detr_demo: 5}",
            "weights: detr_demo: expected the path of a file that exists, found `5`, which YAML "
            "reads as a number; put it in quotes",
        ),
        (
            "gallery: content/galery.yml",
            f"gallery: {FILE}, found `content/galery.yml`, which does not exist; did you mean "
            "`content/gallery.yml`?",
        ),
        (
            "gallery: gallery.yml",
            f"gallery: {FILE}, found `gallery.yml`, which does not exist; did you mean "
            "`content/gallery.yml`?",
        ),
        ("gallery: content", f"gallery: {FILE}, found `content`, which is not a file"),
        ("gallery: ''", f"gallery: {FILE}, found `''`"),
        (
            "gallery: content\\gallery.yml",
            f"gallery: {FILE}, found `content\\gallery.yml`; separate folders with `/`, not with "
            "a backslash",
        ),
        (
            "content: 5",
            f"content: {FOLDER}, found `5`, which YAML reads as a number; put it in quotes",
        ),
        ("content: weights.pth", f"content: {FOLDER}, found `weights.pth`, which is not a folder"),
        (
            "templates: template",
            f"templates: {FOLDER}, found `template`, which does not exist; did you mean "
            "`templates`?",
        ),
        ("templates: ..", f"templates: {FOLDER}, found `..`, which leads out of it; {COPY}"),
        (
            "templates: content/../../project2",
            f"templates: {FOLDER}, found `content/../../project2`, which leads out of it; {COPY}",
        ),
        (
            "content: " + "a" * 300,
            f"content: {FOLDER}, found `{'a' * 59}…`, which cannot be opened",
        ),
        ("<<: {author: A}", "unknown key `<<`"),
        ("1: A", "unknown key `1`"),
        (
            "course: {{ name }}",
            "course: a key must be a word; put a text that begins with `{` or `[` in quotes",
        ),
        ('course: "\\e[1m"', "course: the text holds an invisible character; remove it"),
        ('course: "\\ud83d"', "course: the text holds an invisible character; remove it"),
    ],
)
def test_a_wrong_line_is_explained(write: Write, line: str, message: str) -> None:
    problems = problems_of(write(f"title: T\n\n# a comment\n{line}\n"))
    place, said = problems[0]
    assert place == 4
    assert said == message or (message.startswith("unknown key") and said.startswith(message))


@pytest.mark.parametrize("path", ["/etc", "~/handout", "C:\\handout", "C:/handout", "//host/share"])
@pytest.mark.parametrize("key", ["gallery", "content", "templates"])
def test_paths_from_elsewhere_are_refused(write: Write, key: str, path: str) -> None:
    [(line, message)] = problems_of(write(f"title: T\n{key}: {path}\n"))
    assert line == 2
    assert message.endswith(
        f"found `{path}`, which is not a path from the folder of site_config.yml; copy it into "
        "that folder"
    )


def test_an_absolute_path_into_the_project_is_refused(write: Write, tmp_path: Path) -> None:
    [(line, message)] = problems_of(write(f"title: T\ncontent: {tmp_path}/project/content\n"))
    assert line == 2
    assert "which is not a path from the folder of site_config.yml" in message


def test_a_link_out_of_the_project_is_refused(write: Write, tmp_path: Path) -> None:
    path = write("title: T\ntemplates: linked\n")
    (path.parent / "linked").symlink_to(tmp_path)
    assert problems_of(path) == [
        (2, f"templates: {FOLDER}, found `linked`, which is a link that leads out of it; {COPY}")
    ]


def test_a_link_inside_the_project_is_followed(write: Write) -> None:
    path = write("title: T\ntemplates: linked\n")
    (path.parent / "linked").symlink_to(path.parent / "other")
    assert load_config(path).templates == path.parent / "other"


def test_links_in_a_circle_are_refused(write: Write) -> None:
    path = write("title: T\ntemplates: linked\n")
    (path.parent / "linked").symlink_to(path.parent / "linked")
    [(line, message)] = problems_of(path)
    assert line == 2
    assert message.startswith(f"templates: {FOLDER}, found `linked`, which")


def test_a_project_behind_a_link_is_read(write: Write, tmp_path: Path) -> None:
    path = write("title: T\n")
    (tmp_path / "linked").symlink_to(path.parent)
    assert load_config(tmp_path / "linked" / "site_config.yml").root == path.parent


def test_missing_default_folders_are_reported(write: Write) -> None:
    path = write("title: T\n")
    shutil.rmtree(path.parent / "content")
    (path.parent / "templates").rename(path.parent / "template")
    missing = "which does not exist"
    assert problems_of(path) == [
        (None, f"gallery: {FILE}, found `content/gallery.yml`, {missing}"),
        (None, f"content: {FOLDER}, found `content`, {missing}"),
        (
            None,
            f"templates: {FOLDER}, found `templates`, {missing}; did you mean `template`?",
        ),
    ]


NO_TITLE = "`title:` is missing, or nothing is written after it; an example is `title: My handout`"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("author: A\n", (1, NO_TITLE)),
        ("author: A\ntitle:\n", (2, NO_TITLE)),
        ("author: A\ntitle: ''\n", (2, "title: expected text, found `''`")),
        # The misspelt key is the only thing to correct, so only that is reported.
        ("author: A\ntitel: T\n", (2, "unknown key `titel`; did you mean `title`?")),
    ],
)
def test_a_missing_title(write: Write, text: str, expected: tuple[int | None, str]) -> None:
    assert problems_of(write(text)) == [expected]


def test_all_problems_are_reported_at_once_in_the_order_of_lines(write: Write) -> None:
    text = (
        "threshold: 2\ntitle: off\nfigures:\n  dpi: 1\n  colour_map: jet\nmodel: x\n"
        "tilte: A\ntemplates: ..\nmodel: y\nedition: no\nweights:\n  a: b\n"
    )
    problems = problems_of(write(text))
    assert [line for line, _ in problems] == [1, 2, 4, 5, 6, 7, 8, 9, 10, 12, 12]


def test_problems_name_the_file_and_line(
    write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = write("title: T\nmodle: x\n")
    message = "unknown key `modle`; did you mean `model`?"
    with pytest.raises(ConfigurationError) as caught:
        load_config(path)
    assert str(caught.value) == f"{path}:2: {message}"
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError) as caught:
        load_config(path)
    assert str(caught.value) == f"{Path('project/site_config.yml')}:2: {message}"


COLON = (
    "this colon is not allowed here; put a text that holds a colon in quotes, and start keys "
    "that belong together in the same column"
)
BLOCK = (
    "this does not belong here; start keys of one group in the same column, and let quotation "
    "marks go around the whole text"
)
BEGINNING = "a text that begins with one of @ % ` > | ? , ] } must be put in quotes"
NOT_PLAIN = "a text that begins with `*`, `&` or `!` must be put in quotes"
BACKSLASH = "a backslash inside double quotes; write folders with `/`, or use single quotes"
NO_COLON = (
    "a line without a colon; write `key: value`, with a space after the colon, and indent the "
    "lines of a long text"
)
DEEP = "too many levels of lists and groups inside each other"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("title: T\ncourse: Week 3: DETR\n", 2, COLON),
        ("title: T\n  author: A\n", 2, COLON),
        ("title: T\nfigures:\n    dpi: 90\n  colour_map: magma\n", 4, BLOCK),
        ('title: "DETR" explained\n', 1, BLOCK),
        ("title: T\n\tauthor: A\n", 2, "this line holds a tab; indent with spaces"),
        ("title: T\nauthor: @home\n", 2, BEGINNING),
        ("title: T\nauthor: % of all\n", 2, BEGINNING),
        ("title: >T\n", 1, BEGINNING),
        ("title: ]\n", 1, BEGINNING),
        ("title: ? what\n", 1, BEGINNING),
        ("title: T\nauthor\nmodel: detr_demo\n", 2, NO_COLON),
        ('title: "C:\\handout"\n', 1, BACKSLASH),
        ('title: "C:\\users"\n', 1, BACKSLASH),
        ('title: T\nauthor: "A\nmodel: x\n', 2, "the quotation mark opened here is never closed"),
        ("title: T\noutputs: [site\n", 2, "after `[` here, a comma or the closing `]` is missing"),
        (
            "title: T\nfigures: {dpi: 90\n",
            2,
            "after `{` here, a comma or the closing `}` is missing",
        ),
        ("title: T\n---\ntitle: U\n", 2, "a second document begins here; remove the line `---`"),
        ("title: T\nauthor: *me*\n", 2, NOT_PLAIN),
        ("title: T\nauthor: *me\n", 2, NOT_PLAIN),
        ("title: T\nauthor: &me A\n", 2, NOT_PLAIN),
        ("title: T\nauthor: !me A\n", 2, NOT_PLAIN),
        ("title: !!python/object/apply:os.system [ls]\n", 1, NOT_PLAIN),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", 1, NOT_PLAIN),
        ("- title: T\n- author: A\n", 1, "expected keys such as `title:`, found a list"),
        ("- T\n- A\n", 1, "expected keys such as `title:`, found `[T, A]`"),
        ("Where DETR looks\n", 1, "expected keys such as `title:`, found `Where DETR looks`"),
        ("title: T\nauthor: A\x07\n", 2, "an invisible character (U+0007); remove it"),
        (
            'title: T\nauthor: "\\UFFFFFFFF"\n',
            2,
            "a backslash with digits that stand for no character; write the character itself",
        ),
        ("x: " + "[" * 50_000, 1, DEEP),
        ("{a: " * 50_000, 1, DEEP),
        ("", None, "the file is empty"),
        ("# only a comment\n", None, "the file is empty"),
        ("---\n", None, "the file is empty"),
    ],
)
def test_broken_yaml_is_explained(write: Write, text: str, line: int | None, message: str) -> None:
    assert problems_of(write(text)) == [(line, message)]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_file_that_is_not_utf8(write: Write, encoding: str) -> None:
    line = 2 if encoding == "latin-1" else 1
    problems = problems_of(write("title: T\nauthor: Åsa\n".encode(encoding)))
    assert problems == [(line, "a character that is not UTF-8; save the file as UTF-8 text")]


def test_a_huge_file_is_not_parsed(write: Write) -> None:
    path = write("title: T\n" + "#" * MAX_BYTES)
    assert problems_of(path) == [
        (None, "the file is larger than 1,000,000 bytes; is it the right one?")
    ]


def test_a_file_that_is_not_there(write: Write) -> None:
    folder = write("title: T\n").parent
    assert problems_of(folder / "site_config.yaml") == [
        (None, "there is no such file; did you mean `site_config.yml`?")
    ]
    assert problems_of(folder / "nowhere" / "x.yml") == [(None, "there is no such file")]
    assert problems_of(folder) == [
        (None, "expected a YAML file, found something else, such as a folder")
    ]


def test_the_record_is_frozen_and_closed(write: Write) -> None:
    config = load_config(write("title: T\n"))
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.title = "U"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        FigureOptions(dpi=1000)
    assert pickle.loads(pickle.dumps(config)) == config


@pytest.mark.slow
def test_reading_the_settings_imports_nothing_heavy() -> None:
    script = (
        "import sys; import generator.project.gallery; "
        "sys.exit(', '.join({'torch', 'numpy', 'matplotlib', 'PIL'} & set(sys.modules)) or 0)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_sites_address_ends_in_a_slash(write: Write) -> None:
    for text, address in (
        ("https://example.org/detr", "https://example.org/detr/"),
        ("http://example.org/", "http://example.org/"),
        ("", ""),
    ):
        assert load_config(write(f'title: "A"\nsite_url: "{text}"\n')).site_url == address


@pytest.mark.parametrize(
    "text", ["example.org", "ftp://example.org", "https://a b.org", "https://"]
)
def test_other_addresses_are_refused(write: Write, text: str) -> None:
    ((line, message),) = problems_of(write(f'title: "A"\nsite_url: "{text}"\n'))
    assert line == 2
    assert message.startswith("site_url: expected an address such as `https://example.org/detr/`")
