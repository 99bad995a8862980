"""Each usual mistake is named, and nothing that is right is called a mistake."""

import pytest

from generator.exercises.grading.findings import findings
from generator.exercises.grading.observation import Array, Observation
from generator.exercises.grading.request import Case
from generator.exercises.source import Exercise
from tests.exercises.grading.conftest import Look

# The exercise's own code causes the warning of `nn.Transformer` about nested tensors.
pytestmark = pytest.mark.filterwarnings("ignore:enable_nested_tensor")

ARGUMENTS = Case().arguments


def sentence_about(seen: Observation, right: Observation, blank: str) -> str:
    """The first sentence about a blank."""
    found = findings(seen, right, ARGUMENTS)
    return next(one.sentence for one in found if not one.blanks or blank in one.blanks)


def test_no_two_arguments_are_the_same_nor_a_default() -> None:
    values = list(ARGUMENTS.values())
    assert len({*values, 4, ARGUMENTS["num_classes"] + 1}) == len(values) + 2
    assert not {6, 8, 100, 256, 512} & set(values)
    assert all(height != width for height, width in Case().image_sizes_hw)


@pytest.mark.slow
def test_the_solution_has_no_mistake(exercise: Exercise, look: Look) -> None:
    seen = look(exercise.solution)
    assert findings(seen, seen, ARGUMENTS) == ()
    assert [run.size for run in seen.runs] == [(64, 96), (96, 64)]
    assert all(run.boxes and run.boxes.values.min() >= 0 for run in seen.runs)


@pytest.mark.slow
def test_it_may_be_written_in_another_way(exercise: Exercise, look: Look) -> None:
    other = exercise.with_answers(
        {
            "backbone": "self.backbone.fc = nn.Identity()",
            "projection": "nn.Conv2d(2048, out_channels=hidden_dim, kernel_size=(1, 1))",
            "queries": "torch.randn((num_queries, hidden_dim))",
            "columns": "self.col_embed[None, :w]",
            "rows": "self.row_embed[:h][:, None]",
            "source": "positions.add(cells / 10)",
            "target": "self.query_pos.reshape(-1, 1, self.query_pos.shape[1])",
            "sigmoid": "1 / (1 + (-self.linear_bbox(answers)).exp())",
        }
    )
    assert findings(look(other), look(exercise.solution), ARGUMENTS) == ()


MISTAKES = [
    ("backbone", "pass", "still has its classifier `fc`"),
    ("projection", "nn.Conv2d(hidden_dim, 2048, kernel_size=1)", "the wrong way round"),
    ("projection", "nn.Conv2d(2048, hidden_dim, 3)", "not a 1x1 convolution"),
    ("transformer", "nn.Transformer(hidden_dim, nheads)", "layers is left to its default"),
    ("transformer", "nn.Transformer(nhead=nheads)", "512 wide, the default"),
    (
        "transformer",
        "nn.Transformer(hidden_dim, nheads, num_decoder_layers, num_encoder_layers)",
        "in the wrong order",
    ),
    (
        "transformer",
        "nn.Transformer(nheads, hidden_dim, num_encoder_layers, num_decoder_layers)",
        "may be in the wrong order",
    ),
    (
        "transformer",
        "nn.Transformer(hidden_dim, 8, num_encoder_layers, num_decoder_layers)",
        "heads is left to its default",
    ),
    ("classes", "nn.Linear(hidden_dim, num_classes)", 'no extra class for "no object"'),
    ("boxes", "nn.Linear(hidden_dim, 4 * num_classes)", "a box for each class"),
    ("boxes", "nn.Linear(hidden_dim, 2)", "gives 2 numbers; a box has 4"),
    ("queries", "torch.rand(hidden_dim, num_queries)", "sizes the wrong way round"),
    ("codes", "torch.rand(50, hidden_dim)", "positions are not halved"),
    ("codes", "torch.rand(hidden_dim // 2, 50)", "sizes the wrong way round"),
    ("codes", "torch.rand(50, hidden_dim / 2)", "cannot be built: TypeError"),
    ("columns", "self.col_embed", "do not fit the grid"),
    ("columns", "self.row_embed[:w]", "the columns have the rows' codes"),
    ("rows", "self.row_embed[:h]", "do not fit the grid"),
    ("rows", "self.col_embed[:h, None]", "the rows have the columns' codes"),
    ("source", "positions + cells", "the features are not scaled"),
    ("source", "positions + 0.2 * cells", "scaled by 0.2, and not by 0.1"),
    ("source", "positions", "the features are missing"),
    ("source", "0.1 * cells", "the positions are missing"),
    ("target", "self.query_pos", "the queries are missing their batch axis"),
    ("target", "self.query_pos[None]", "batch axis in front"),
    ("target", "torch.zeros_like(self.query_pos)[:, None]", "not the object queries"),
    ("sigmoid", "self.linear_bbox(answers)", "did not go through a sigmoid"),
    ("sigmoid", "self.linear_bbox(answers).softmax(-1)", "went through a softmax"),
    ("sigmoid", "self.linear_bbox(answers).sigmoid().sigmoid()", "a sigmoid twice"),
    ("sigmoid", "self.linear_bbox(answers).tanh()", "leave [0, 1]"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("blank", "answer", "sentence"), MISTAKES)
def test_usual_mistakes_have_names(
    exercise: Exercise, look: Look, blank: str, answer: str, sentence: str
) -> None:
    seen = look(exercise.with_answers({blank: answer}))
    assert sentence in sentence_about(seen, look(exercise.solution), blank)


@pytest.mark.slow
def test_rows_and_columns_that_are_both_swapped(exercise: Exercise, look: Look) -> None:
    right = look(exercise.solution)
    both = {"columns": "self.row_embed[:h].unsqueeze(1)", "rows": "self.col_embed[:w]"}
    assert "swapped in the positions" in sentence_about(
        look(exercise.with_answers(both)), right, "rows"
    )
    lengthwise = {"columns": "self.col_embed[:h].unsqueeze(1)", "rows": "self.row_embed[:w]"}
    seen = look(exercise.with_answers(lengthwise))
    assert "each code follows the other's axis" in sentence_about(seen, right, "rows")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("this is no Python", "it is not Python: invalid syntax"),
        ("import sys\nsys.exit(3)", "the file cannot be run: SystemExit: 3"),
        ("raise ValueError('no')", "the file cannot be run: ValueError: no"),
        ("x = ____", "the file cannot be run: a blank is not filled in"),
        ("from torch import nn\nclass Detr(nn.Module): pass", "`nn.Module`; there is `Detr`"),
        ("class MinimalDETR: pass", "no class `MinimalDETR` that is an `nn.Module`"),
        ("import torch\nclass MinimalDETR(torch.nn.Module): pass", "cannot be built: TypeError"),
    ],
)
def test_a_file_without_a_class_to_look_at(
    exercise: Exercise, look: Look, source: str, sentence: str
) -> None:
    (finding, *_) = findings(look(source), look(exercise.solution), ARGUMENTS)[-1:]
    assert sentence in finding.sentence


@pytest.mark.slow
def test_another_kind_of_output_is_reported(exercise: Exercise, look: Look) -> None:
    source = exercise.solution.replace('"pred_boxes"', '"boxes"')
    assert "without the tensors `pred_boxes`" in sentence_about(
        look(source), look(exercise.solution), "sigmoid"
    )


def test_only_complete_observations_make_a_class_right(exercise: Exercise, look: Look) -> None:
    """A forged observation is right only if it holds the reference's numbers."""
    right = look(exercise.solution)
    no_runs = right.model_copy(update={"runs": ()})
    empty = [run.model_copy(update={"boxes": None, "output": None}) for run in right.runs]
    no_outputs = right.model_copy(update={"runs": tuple(empty)})
    no_state = right.model_copy(update={"state": ()})
    nan = Array(shape=(1, 5, 4), numbers=(float("nan"),) * 20)
    no_numbers = Array(shape=(1, 5, 4), numbers=None)
    seen = [no_runs, no_outputs, no_state]
    for boxes in (nan, no_numbers):
        runs = tuple(run.model_copy(update={"boxes": boxes}) for run in right.runs)
        seen.append(right.model_copy(update={"runs": runs}))
    for one in seen:
        assert findings(one, right, ARGUMENTS) != ()
