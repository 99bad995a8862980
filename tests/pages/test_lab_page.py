"""The lab's page: what every edition and output is told, and what students are not."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generator.build.stand_ins import PICTURE
from generator.detr.zoo import LAB_MODEL, model_card
from generator.errors import ConfigurationError, PageError
from generator.pages.contents import Contents
from generator.pages.render import render_pages
from generator.project.config import SiteConfig
from generator.project.experiments import read_experiments, sprite_files
from tests.invented import invented_contents, invented_project

ROOT = Path(__file__).parents[2]
HEAD = "---\nscene:\n  objects:\n    - {sprite: cat, x: 0.5, y: 0.5}\n---\n"
ONE = HEAD + (
    "### The cat\n\n**Question.** Why?\n\n"
    "{% call answer() %}\nBecause of the whiskers.\n{% endcall %}\n"
)
LAB = (
    "# The lab\n\n{{ lab() }}\n\n"
    "{% for one in experiments %}\n{{ experiment_of(one) }}\n{% endfor %}\n"
)


def project(folder: Path, **experiments: str) -> SiteConfig:
    config = invented_project(folder)
    (config.content / "lab").mkdir()
    (config.content / "lab.md").write_text(LAB, encoding="utf-8")
    for name, text in (experiments or {"cat": ONE}).items():
        (config.content / "lab" / f"{name}.md").write_text(text, encoding="utf-8")
    return config


def rendered(config: SiteConfig, target: Any = "site", **changes: Any) -> dict[str, str]:
    experiments = read_experiments(config.content, list(sprite_files(config.templates)))
    contents = replace(
        invented_contents([], ()), prepared={one.name: PICTURE for one in experiments}
    )
    pages, settings = render_pages(replace(config, **changes), contents, target)
    return pages | {"mkdocs.yml": settings}


def test_the_lab_stands_before_about_in_the_menu(tmp_path: Path) -> None:
    nav = re.search(r"^nav: (.*)$", rendered(project(tmp_path))["mkdocs.yml"], re.MULTILINE)
    assert nav
    assert nav[1].index("q3.md") < nav[1].index('"lab.md"') < nav[1].index("about.md")


@pytest.mark.slow
def test_scripts_are_there_on_the_lab_alone(tmp_path: Path) -> None:
    pages = rendered(project(tmp_path))
    scripts = re.findall(r'<script src="assets/live/(\w+)\.js"', pages["lab.md"])
    assert scripts[-1] == "lab"
    for name in scripts:
        assert (ROOT / "templates/assets/live" / f"{name}.js").is_file(), name
    mine = {path.stem for path in (ROOT / "templates/assets/live").glob("lab*.js")}
    assert mine - {"lab_types"} <= set(scripts)
    assert not any("lab_state" in text for name, text in pages.items() if name != "lab.md")


@pytest.mark.slow
def test_students_get_the_question_and_never_the_answer(tmp_path: Path) -> None:
    config = project(tmp_path)
    for target in ("site", "pdf"):
        student = rendered(config, target)
        assert "Why?" in student["lab.md"]
        assert not any("whiskers" in text for text in student.values())
        assert "whiskers" in rendered(config, target, edition="instructor")["lab.md"]


@pytest.mark.slow
def test_the_head_of_an_experiment_is_no_part_of_the_page(tmp_path: Path) -> None:
    page = rendered(project(tmp_path))["lab.md"]
    assert "sprite" not in page
    assert 'data-experiment="cat"' in page
    assert 'id: "scene-cat"' in page


def test_a_mistake_in_an_experiments_text_is_told_with_its_line(tmp_path: Path) -> None:
    text = HEAD + "### The cat\n\n{{ nothing_of_this_name }}\n"
    with pytest.raises(PageError, match=r"lab/cat\.md:8"):
        rendered(project(tmp_path, cat=text))


@pytest.mark.slow
def test_a_mistake_in_its_head_is_told_too(tmp_path: Path) -> None:
    config = project(tmp_path, cat=ONE.replace("sprite: cat", "sprite: catt"))
    with pytest.raises(ConfigurationError) as caught:
        render_pages(config, Contents())
    assert [one.line for one in caught.value.problems] == [4]


@pytest.mark.slow
def test_paper_names_the_address_where_there_is_one(tmp_path: Path) -> None:
    config = project(tmp_path)
    assert "lab-start" not in rendered(config, "pdf")["lab.md"]
    assert "experiment=cat" not in rendered(config, "pdf")["lab.md"]
    page = rendered(config, "pdf", site_url="https://example.org/detr/")["lab.md"]
    assert "https://example.org/detr/lab.html#experiment=cat" in page


@pytest.mark.slow
def test_pages_without_experiments_know_none(tmp_path: Path) -> None:
    config = invented_project(tmp_path)
    (config.content / "lab.md").write_text(LAB, encoding="utf-8")
    assert "lab-experiment" not in rendered(config)["lab.md"]


@pytest.mark.slow
def test_the_shipped_lab_can_be_rendered_whatever_the_gallerys_models(tmp_path: Path) -> None:
    config = invented_project(tmp_path)
    shutil.copy(ROOT / "content/lab.md", config.content)
    shutil.copytree(ROOT / "content/lab", config.content / "lab")
    page = rendered(config)["lab.md"]
    assert page.count('class="lab-experiment"') == 8
    assert f"knows {len(model_card(LAB_MODEL).category_names)}\nclasses" in page
