import math

import torch

from generator.detr.position_encoding import PositionEmbeddingSine


def test_first_channels_are_the_sine_and_cosine_of_the_row() -> None:
    encoding = PositionEmbeddingSine(num_pos_feats=4, temperature=100.0, scale=2 * math.pi)
    position = encoding(torch.zeros(1, 5, 3, dtype=torch.bool))  # (1, 8, 5, 3)
    assert position.shape == (1, 8, 5, 3)
    y = 2 * math.pi * 2 / 5  # the second of five rows
    x = 2 * math.pi * 3 / 3  # the last of three columns
    wanted = [math.sin(y), math.cos(y), math.sin(y / 10), math.cos(y / 10)]
    wanted += [math.sin(x), math.cos(x), math.sin(x / 10), math.cos(x / 10)]
    torch.testing.assert_close(position[0, :, 1, 2], torch.tensor(wanted), atol=1e-5, rtol=0)


def test_padding_does_not_move_the_positions_of_the_image() -> None:
    encoding = PositionEmbeddingSine(num_pos_feats=8)
    padded = torch.ones(1, 6, 7, dtype=torch.bool)
    padded[:, :4, :5] = False
    alone = encoding(torch.zeros(1, 4, 5, dtype=torch.bool))
    torch.testing.assert_close(encoding(padded)[:, :, :4, :5], alone)
