import unicodedata

import pytest

from generator.project.slugs import romanised, slug_of_origin, slugify, title_of_name


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Straße", "strasse"),
        ("smørrebrød", "smorrebrod"),
        ("Ægir’s đog", "aegir-s-dog"),
        ("ﬁne™ ½", "finetm-1-2"),
        ("İstanbul", "istanbul"),
        ("--a__b..c--", "a-b-c"),
        ("Ελλάδα", "ellada"),
        ("Кот и собака 2", "kot-i-sobaka-2"),
        ("北京", "beijing"),
        ("قطة", "qth"),
        ("🐱🐶", "cat-dog"),
        ("", ""),
        ("…", ""),
    ],
)
def test_slugify(text: str, slug: str) -> None:
    assert slugify(text) == slug


@pytest.mark.parametrize("text", ["猫 and dog", "IMG 0042 Кот", "Été 北京", "2024"])
def test_an_address_that_could_be_read_stays(text: str) -> None:
    """What these were before names of other scripts were spelled out."""
    before = {
        "猫 and dog": "and-dog",
        "IMG 0042 Кот": "img-0042",
        "Été 北京": "ete",
        "2024": "2024",
    }
    assert slugify(text) == before[text]


def test_every_letter_of_a_new_name_is_spelled_out() -> None:
    assert romanised("IMG 0042 Кот") == "img-0042-kot"


def test_a_name_that_cannot_be_read_has_an_address_of_its_own_wherever_it_stands() -> None:
    first, other = {"file": "images/….png"}, {"url": "https://example.org/?id=3"}
    slug = slug_of_origin(first, 1)
    assert slug == slug_of_origin(first, 13) == "image-7a58370b"
    assert slug_of_origin(other, 1) != slug
    assert slug_of_origin({"url": "https://example.org/?id=4"}, 1) != slug_of_origin(other, 1)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_the_address_does_not_depend_on_how_a_system_writes_accents(form: str) -> None:
    for name, slug in {"한국어.png": "hangugeo", "Й.png": "y", "é….png": "e"}.items():
        assert slug_of_origin({"file": unicodedata.normalize(form, name)}, 1) == slug  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "slug", "title"),
    [
        ("two-cats", "two-cats", ""),
        ("café_1", "cafe-1", "Café 1"),
        ("IMG_0042", "img-0042", "IMG 0042"),
        ("Кот", "kot", ""),
        ("🐱 party", "cat-party", ""),
        ("2024", "2024", ""),
    ],
)
def test_title_has_the_accents_of_the_name(name: str, slug: str, title: str) -> None:
    assert title_of_name(name, slug) == title
