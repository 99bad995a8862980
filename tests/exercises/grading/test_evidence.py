import pytest

from generator.exercises.grading.evidence import shows_right
from generator.exercises.source import Exercise
from tests.exercises.grading.conftest import Look

pytestmark = pytest.mark.filterwarnings("ignore:enable_nested_tensor")

PARAMETERS = {"backbone", "classes", "boxes", "queries", "codes"}
INPUTS = {"columns", "rows", "source"}
EVERYTHING = {*PARAMETERS, *INPUTS, "projection", "transformer", "target", "sigmoid"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("blank", "answer", "shown"),
    [
        ("target", "self.query_pos.unsqueeze(1)", EVERYTHING),
        ("sigmoid", "self.linear_bbox(answers)", EVERYTHING - {"sigmoid"}),
        ("classes", "nn.Linear(hidden_dim, num_classes)", EVERYTHING - {"classes"}),
        ("backbone", "pass", EVERYTHING - {"backbone"}),
        ("source", "positions + cells", PARAMETERS | {"target"}),
        ("projection", "nn.Conv2d(2048, hidden_dim, 1, 2)", PARAMETERS | {"target"}),
        (
            "transformer",
            "nn.Transformer(hidden_dim, 8, num_encoder_layers, num_decoder_layers)",
            PARAMETERS | INPUTS | {"projection", "target"},
        ),
        ("codes", "torch.rand(50, 0.5)", set()),
    ],
)
def test_what_a_class_shows(
    exercise: Exercise, look: Look, blank: str, answer: str, shown: set[str]
) -> None:
    assert {one.name for one in exercise.blanks} == EVERYTHING
    seen, right = look(exercise.with_answers({blank: answer})), look(exercise.solution)
    assert {one for one in EVERYTHING if shows_right(seen, right, one)} == shown


def test_a_run_without_numbers_shows_nothing(exercise: Exercise, look: Look) -> None:
    right = look(exercise.solution)
    runs = [run.model_copy(update={"source": None, "boxes": None}) for run in right.runs]
    seen = right.model_copy(update={"runs": tuple(runs)})
    assert not any(shows_right(seen, right, one) for one in (*INPUTS, "sigmoid", "projection"))
    assert not shows_right(right, right, "another")
    assert not shows_right(right.model_copy(update={"runs": ()}), right, "target")
