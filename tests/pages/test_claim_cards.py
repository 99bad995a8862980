"""What pages show for claims and measured numbers, with the project's own Q3."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from generator.build.preflight import render_stand_ins
from generator.errors import ConfigurationError, PageError
from generator.measures.catalogue import ALL_MEASURES, applies_to
from generator.measures.claims.claim import Against
from generator.measures.claims.read import read_claims
from generator.measures.gallery import GalleryMeasures
from generator.measures.mechanisms import CONTROLS
from generator.pages.claim_cards import by_mechanism, claim_cards
from generator.pages.contents import Contents, MeasuredGallery
from generator.pages.render import render_pages
from generator.project.config import Output
from generator.project.gallery import load_project
from tests.invented import (
    TEMPLATES,
    built,
    invented_card,
    invented_contents,
    invented_project,
    invented_result,
)
from tests.invented_measures import gallery_of, lifts, measurement
from tests.measures.claims.test_judge import CLEAR, claim

OWN = TEMPLATES.parent / "content"
BROKEN = re.compile(r"\b(nan|None|True|False|inf)\b")


def measured(images: int, *models: str) -> GalleryMeasures:
    """Every possible number, in two layers, a little different in each image."""
    return gallery_of(
        {
            model: [
                [
                    measurement(
                        (1 + layer) * (1.5 + number / 100), measure, mechanism, layer, head,
                        **{name: 100.0 if name == "ceiling" else 1.0 for name in controls},
                    )
                    for measure in ALL_MEASURES
                    for mechanism, controls in applies_to(measure).items()
                    for layer in (0, 1)
                    for head in (None, 0)
                ]
                for number in range(images)
            ]
            for model in models
        }
    )  # fmt: skip


def contents_with(measures: GalleryMeasures, n: int = 2) -> Contents:
    """Results of the measured models, and the cards of both models."""
    results = [
        invented_result(image.slug.replace("_", "-"), n, model=image.model)
        for image in measures.images
    ]
    contents = invented_contents(results, built(results))
    cards = (invented_card(), invented_card("detr_resnet50", title="DETR-Other"))
    return replace(contents, cards=cards, measures=MeasuredGallery.of(measures))


def own_q3(
    root: Path, contents: Contents, target: Output = "site", **settings: Any
) -> tuple[str, dict[str, str]]:
    """The project's own Q3, and all pages."""
    text = (OWN / "q3.md").read_text(encoding="utf-8")
    project = invented_project(root, {"q3.md": text}, **settings)
    shutil.copy(OWN / "claims.yml", project.content)
    shutil.copytree(OWN / "parts", project.content / "parts")
    pages, _ = render_pages(project, contents, target)
    return pages["q3.md"], pages


def words_of(page: str) -> str:
    """A page's text in one line, without formulas and tags."""
    page = re.sub(r"<math.*?</math>|<svg.*?</svg>", "", page, flags=re.DOTALL)
    page = re.sub(r"`[^`]*`|hook captures None", "", page)
    return " ".join(re.sub(r"<[^>]*>", "", page).split())


@pytest.mark.slow
@pytest.mark.parametrize("images", [0, 1, 7, 8, 60])
def test_own_page_reads_well_for_every_number_of_images(tmp_path: Path, images: int) -> None:
    contents = contents_with(measured(images, "detr_emoji"), n=0 if images == 1 else 2)
    page, pages = own_q3(tmp_path, contents)
    words = words_of(page)
    assert not BROKEN.search(words), BROKEN.search(words)
    plots = [name for name in pages if name.startswith("claims/")]
    if images >= 8:
        assert "not enough to tell." not in words
        assert f"{images} images)" in words
        assert len(plots) > 10
    else:
        assert "interval 1." not in words
        assert "can be tested" in words
        assert plots == []
    assert ("nothing was measured" in words) == (images == 0)
    assert ("a single image, which is not enough" in words) == (images == 1)


@pytest.mark.slow
def test_models_are_compared(tmp_path: Path) -> None:
    both = GalleryMeasures(
        (*measured(9, "detr_emoji").images, *measured(3, "detr_resnet50").images)
    )
    page, pages = own_q3(tmp_path, contents_with(both))
    assert "| claim | DETR-Invented | DETR-Other |" in page
    row = next(line for line in page.split("\n") if "#claim-encoder-heads-differ" in line)
    verdicts = re.findall(r'class="verdict [^"]*">([^<]*)<', row)
    assert verdicts == ["supported", "not testable here"]
    plot = pages["claims/encoder-heads-differ.svg"]
    assert "DETR-Invented: 3.0" in plot
    assert "DETR-Other: not enough to tell" in plot
    assert "This gallery ran 2 models: DETR-Invented over 9 images; DETR-Other over 3" in words_of(
        page
    )


@pytest.mark.slow
def test_plots_are_in_the_page_and_in_files(tmp_path: Path) -> None:
    page, pages = own_q3(tmp_path, contents_with(measured(9, "detr_emoji")))
    files = {name: text for name, text in pages.items() if name.startswith("claims/")}
    inline = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(inline) == len(files) > 10
    for text in (*inline, *files.values()):
        ElementTree.fromstring(text.strip())
        assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert all('width="480"' in text for text in files.values())


@pytest.mark.slow
def test_paper_has_the_plots_as_pictures(tmp_path: Path) -> None:
    page, pages = own_q3(tmp_path, contents_with(measured(9, "detr_emoji")), "pdf")
    assert "<svg" not in page
    named = set(re.findall(r"\]\((claims/[a-z-]+\.svg)\)", page))
    assert named
    assert named == {name for name in pages if name.startswith("claims/")}


def test_flipped_claim_has_the_other_verdict() -> None:
    told = claim_cards([claim(), claim(name="flipped", direction="less")], lifts(*CLEAR))
    assert [one.findings[0].finding.verdict.value for one in told] == ["supported", "not supported"]
    assert [one.mark for one in told] == ["above 2", "below 2"]


def test_claim_is_put_into_words() -> None:
    (told,) = claim_cards([claim(layer="all", head=3)], lifts(*CLEAR))
    assert told.measured == "`lift` of decoder cross-attention, mean over the layers, head 3"
    assert told.against == CONTROLS["uniform"].text
    (told,) = claim_cards([claim()], lifts(*CLEAR))
    sentence = told.findings[0].sentence.replace("\N{NO-BREAK SPACE}", " ")
    assert sentence.startswith("Measured 4.20, compared with 1.00: ratio 4.20 (95 % interval 4.")
    assert sentence.endswith(
        ", 9 images). The whole interval lies beyond the mark (p below 0.001)."
    )
    assert told.refuted == (
        "An interval wholly below 2 would have refuted it, and one wholly below 1 would have shown "
        "the opposite."
    )


@pytest.mark.parametrize(
    ("against", "words"),
    [
        (Against(layer="first"), "the same, first layer"),
        (Against(head="all"), "the same, mean over the single heads"),
        (Against(value=1.5), "the number 1.5"),
        (
            Against(mechanism="decoder_rollout"),
            "`lift` of rollout through decoder and encoder",
        ),
        (
            Against(measure="mass"),
            "`mass` of decoder cross-attention, last layer, mean of the heads' maps: the share "
            "of a query's map that falls into its box",
        ),
    ],
)
def test_what_a_claim_is_compared_with(against: Against, words: str) -> None:
    (told,) = claim_cards([claim(against=against)], lifts(*CLEAR))
    assert told.against == words


def test_claims_are_grouped_by_mechanism() -> None:
    cards = claim_cards(
        [
            claim(name="a"),
            claim(name="b"),
            claim(name="c", measure="entropy", mechanism="encoder_self"),
        ],
        lifts(*CLEAR),
    )
    assert [(section, len(ones)) for section, ones in by_mechanism(cards)] == [
        ("Decoder cross-attention", 2),
        ("Encoder self-attention", 1),
    ]


def test_prose_that_quotes_what_does_not_exist_is_refused(tmp_path: Path) -> None:
    project = invented_project(
        tmp_path, {"q3.md": "# Q3\n\nIt is {{ measure('lfit', 'decoder_cross') }}.\n"}
    )
    with pytest.raises(PageError, match=r"content/q3\.md:3: .*did you mean `lift`"):
        render_pages(project, contents_with(measured(1, "detr_emoji")))


@pytest.mark.slow
def test_check_reports_what_is_wrong_with_the_claims(tmp_path: Path) -> None:
    invented_project(tmp_path)
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    (tmp_path / "content" / "cats.png").write_bytes(b"")
    (tmp_path / "content" / "gallery.yml").write_text("images:\n- file: content/cats.png\n")
    (tmp_path / "site_config.yml").write_text("title: T\n")
    text = (
        (OWN / "claims.yml")
        .read_text(encoding="utf-8")
        .replace("measure: mass\n", "measure: mas\n")
    )
    (tmp_path / "content" / "claims.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"claims\.yml:\d+: .* did you mean `mass`"):
        render_stand_ins(*load_project(tmp_path / "site_config.yml"))


def test_what_was_taken_from_all_heads_is_no_mean_of_maps() -> None:
    one = claim(measure="knock_out_drop", against=Against(value=0))
    (card,) = claim_cards([one], GalleryMeasures())
    assert card.measured == "`knock_out_drop` of decoder cross-attention, last layer, all heads"


@pytest.mark.slow
def test_causal_claims_stand_apart(tmp_path: Path) -> None:
    page, _ = own_q3(tmp_path, contents_with(measured(6, "detr_emoji")))
    before, _, after = page.partition("### Claims that were tested by taking something away")
    for one in read_claims(OWN / "claims.yml"):
        is_here = f'id="claim-{one.name}"' in (after if one.kind == "causal" else before)
        assert is_here, one.name


@pytest.mark.slow
def test_pages_say_that_nothing_was_taken_away(tmp_path: Path) -> None:
    contents = contents_with(measured(6, "detr_emoji"))
    bare = tuple(
        replace(one, figures={name: file for name, file in one.figures.items()
                              if name in ("detections", "decoder")})
        for one in contents.results
    )  # fmt: skip
    page, pages = own_q3(tmp_path, replace(contents, results=bare), causal=False)
    assert "This build left these tests out" in page
    assert "Cells that a query may not look at" not in page
    image = next(text for name, text in pages.items() if name.startswith("gallery/"))
    assert "the settings say `causal: off`" in image
