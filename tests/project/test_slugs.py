import pytest

from generator.project.slugs import slugify


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Straße", "strasse"),
        ("smørrebrød", "smorrebrod"),
        ("Ægir’s đog", "aegir-s-dog"),
        ("ﬁne™ ½", "finetm-1-2"),
        ("İstanbul", "istanbul"),
        ("--a__b..c--", "a-b-c"),
        ("Ελλάδα", ""),
        ("", ""),
    ],
)
def test_slugify(text: str, slug: str) -> None:
    assert slugify(text) == slug
