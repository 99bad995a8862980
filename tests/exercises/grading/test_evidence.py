import pytest

from generator.exercises.grading.evidence import shown
from generator.exercises.source import Exercise
from tests.exercises.grading.conftest import Look

pytestmark = pytest.mark.filterwarnings("ignore:enable_nested_tensor")

PARAMETERS = {"backbone", "classes", "boxes", "queries", "codes"}
INPUTS = {"columns", "rows", "source"}
EVERYTHING = {*PARAMETERS, *INPUTS, "projection", "transformer", "target", "sigmoid"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("blank", "answer", "unseen"),
    [
        ("sigmoid", "self.linear_bbox(answers)", set()),
        ("sigmoid", "self.linear_bbox(source[:5].transpose(0, 1)).sigmoid()", set()),
        ("classes", "nn.Linear(hidden_dim, num_classes)", set()),
        ("backbone", "pass", set()),
        ("source", "positions + cells", set()),
        ("projection", "nn.Conv2d(2048, hidden_dim, 3, padding=1)", set()),
        ("columns", "self.row_embed[:w]", set()),
        (
            "transformer",
            "nn.Transformer(hidden_dim, 8, num_encoder_layers, num_decoder_layers)",
            set(),
        ),
        ("target", "self.query_pos", {"transformer", "sigmoid"}),
    ],
)
def test_one_mistake_leaves_the_other_blanks_right(
    exercise: Exercise, look: Look, blank: str, answer: str, unseen: set[str]
) -> None:
    assert {one.name for one in exercise.blanks} == EVERYTHING
    seen, right = look(exercise.with_answers({blank: answer})), look(exercise.solution)
    verdicts = {one: shown(seen, right, one) for one in EVERYTHING}
    assert {one for one, verdict in verdicts.items() if verdict is False} == {blank}
    assert {one for one, verdict in verdicts.items() if verdict is None} == unseen


@pytest.mark.slow
def test_a_run_without_numbers_shows_nothing(exercise: Exercise, look: Look) -> None:
    right = look(exercise.solution)
    nothing = {"source": None, "positions": None, "boxes": None, "projected": None}
    runs = tuple(run.model_copy(update=nothing) for run in right.runs)
    seen = right.model_copy(update={"runs": runs})
    assert [shown(seen, right, one) for one in (*INPUTS, "sigmoid", "projection")] == [None] * 5
    assert shown(right, right, "another") is None
    assert shown(right.model_copy(update={"runs": ()}), right, "target") is None
