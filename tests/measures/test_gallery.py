import pytest

from generator.measures.gallery import Choice, GalleryMeasures, Head, Layer, measure_gallery
from generator.measures.measurement import Measurement
from tests.invented_measures import gallery_of, lifts, measurement


def of_layers_and_heads() -> list[Measurement]:
    """Layer 1 has the mean 1 and heads 2 and 4; layer 2 ten times as much."""
    return [
        measurement(scale * value, layer=layer, head=head, uniform=scale)
        for layer, scale in ((0, 1.0), (1, 10.0))
        for head, value in ((None, 1.0), (0, 2.0), (1, 4.0))
    ]


@pytest.mark.parametrize(
    ("layer", "head", "value", "control"),
    [
        ("first", "mean", 1, 1),
        ("last", "mean", 10, 10),
        (1, 2, 4, 1),
        (2, "all", 30, 10),
        ("all", "mean", 5.5, 5.5),
        ("all", "all", 16.5, 5.5),
        ("all", 1, 11, 5.5),
    ],
)
def test_layers_and_heads_are_chosen_or_averaged(
    layer: Layer, head: Head, value: float, control: float
) -> None:
    gallery = gallery_of({"m": [of_layers_and_heads()]})
    found = gallery.values("m", Choice("lift", "decoder_cross", layer, head))
    assert list(found) == ["m-0"]
    assert found["m-0"].value == pytest.approx(value)
    assert found["m-0"].controls == {"uniform": pytest.approx(control)}


@pytest.mark.parametrize(
    "choice",
    [
        Choice("lift", "decoder_cross", 3),
        Choice("lift", "decoder_cross", head=3),
        Choice("mass", "decoder_cross"),
        Choice("lift", "encoder_self"),
    ],
)
def test_what_was_not_measured_has_no_values(choice: Choice) -> None:
    assert gallery_of({"m": [of_layers_and_heads()]}).values("m", choice) == {}
    assert GalleryMeasures().values("m", choice) == {}


def test_images_without_the_number_are_left_out() -> None:
    gallery = gallery_of({"m": [[measurement(3)], [], [measurement(5)]]})
    found = gallery.values("m", Choice("lift", "decoder_cross"))
    assert {slug: one.value for slug, one in found.items()} == {"m-0": 3, "m-2": 5}


def test_control_counts_where_every_layer_has_it() -> None:
    ones = [measurement(1, uniform=1, shuffled=2), measurement(3, layer=1, uniform=1)]
    found = gallery_of({"m": [ones]}).values("m", Choice("lift", "decoder_cross", "all"))
    assert found["m-0"].controls == {"uniform": 1}


def test_main_model_has_most_images() -> None:
    few, many = lifts(1, model="few").images, lifts(1, 2, model="many").images
    gallery = GalleryMeasures((*few, *many))
    assert gallery.models == ("few", "many")
    assert gallery.main_model == "many"
    assert GalleryMeasures((*few, *lifts(1, model="other").images)).main_model == "few"
    assert GalleryMeasures().main_model is None


def test_places_are_added_when_there_are_two_images() -> None:
    images = lifts(1, 2).images
    names = {one.measure for one in measure_gallery(images).images[0].measurements}
    assert {"place_distance", "size_difference"} <= names
    assert len(measure_gallery(images[:1]).images[0].measurements) == 1


def test_layers_of_a_mechanism() -> None:
    gallery = gallery_of({"m": [of_layers_and_heads()]})
    assert gallery.layers_of("m", "decoder_cross") == 2
    assert gallery.layers_of("m", "encoder_self") == 0
