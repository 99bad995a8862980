import numpy as np
import pytest

from generator.measures.query_places import measure_places, place_distances, size_differences


def boxes(*rows: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(rows, dtype=np.float32)


def test_queries_that_keep_to_their_places() -> None:
    image = boxes((0.1, 0.2, 0.25, 0.25), (0.5, 0.5, 0.5, 0.5))
    distances = np.stack(list(place_distances([image, image])))
    sizes = np.stack(list(size_differences([image, image])))
    assert distances.shape == sizes.shape == (2, 2, 2)
    np.testing.assert_allclose(distances[..., 0], 0, atol=1e-7)
    np.testing.assert_allclose(distances[..., 1], 0.5 / np.sqrt(2), atol=1e-7)
    np.testing.assert_allclose(sizes[..., 1], 0.25, atol=1e-7)


def test_the_usual_place_is_that_in_the_other_images() -> None:
    images = [boxes((x, 0.5, 0.1, 0.1), (0.9, 0.9, 0.1, 0.1)) for x in (0.0, 0.2, 0.7)]
    own = np.stack(list(place_distances(images)))[:, 0, 0] * np.sqrt(2)
    np.testing.assert_allclose(own, [0.45, 0.15, 0.6], atol=1e-6)


def test_queries_without_places_are_as_far_from_their_own_as_from_others() -> None:
    rng = np.random.default_rng(0)
    images = [rng.random((30, 4)) for _ in range(40)]
    for each in (place_distances(images), size_differences(images)):
        pairs = np.stack(list(each))
        assert pairs[..., 0].mean() == pytest.approx(pairs[..., 1].mean(), rel=0.05)


def test_records_of_each_image() -> None:
    image = boxes((0.1, 0.2, 0.25, 0.25), (0.5, 0.5, 0.5, 0.5))
    first, second = measure_places([image, image], layer=5)
    assert [one.measure for one in first] == ["place_distance", "size_difference"]
    assert first == second
    assert (first[0].layer, first[0].head, first[0].count) == (5, None, 2)
    assert first[1].value == pytest.approx(0, abs=1e-7)
    assert first[1].control("other_queries") == pytest.approx(0.25)


def test_one_image_or_one_query_has_no_records() -> None:
    image = boxes((0.1, 0.2, 0.25, 0.25), (0.5, 0.5, 0.5, 0.5))
    assert list(measure_places([image], 0)) == [()]
    assert list(measure_places([image[:1], image[:1]], 0)) == [(), ()]
