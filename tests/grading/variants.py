"""One source -> many submissions: the ways in which students change and surround it.

In: the exercise. Out: the bytes of a `.py` or `.ipynb` file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from generator.exercises.source import Exercise

IMPORTS = "import torch\nfrom torch import Tensor, nn\nfrom torchvision.models import resnet50\n"
OFFICIAL = """class MinimalDETR(nn.Module):
    def __init__(self, num_classes, hidden_dim=256, nheads=8, num_encoder_layers=6,
                 num_decoder_layers=6, num_queries=100):
        super().__init__()
        self.backbone = resnet50()
        del self.backbone.fc
        self.conv = nn.Conv2d(2048, hidden_dim, 1)
        self.transformer = nn.Transformer(
            hidden_dim, nheads, num_encoder_layers, num_decoder_layers)
        self.linear_class = nn.Linear(hidden_dim, num_classes + 1)
        self.linear_bbox = nn.Linear(hidden_dim, 4)
        self.query_pos = nn.Parameter(torch.rand(num_queries, hidden_dim))
        self.row_embed = nn.Parameter(torch.rand(50, hidden_dim // 2))
        self.col_embed = nn.Parameter(torch.rand(50, hidden_dim // 2))

    def forward(self, inputs):
        net = self.backbone
        x = net.maxpool(net.relu(net.bn1(net.conv1(inputs))))
        x = net.layer4(net.layer3(net.layer2(net.layer1(x))))
        h = self.conv(x)
        H, W = h.shape[-2:]
        pos = torch.cat([
            self.col_embed[:W].unsqueeze(0).repeat(H, 1, 1),
            self.row_embed[:H].unsqueeze(1).repeat(1, W, 1),
        ], dim=-1).flatten(0, 1).unsqueeze(1)
        h = self.transformer(pos + 0.1 * h.flatten(2).permute(2, 0, 1),
                             self.query_pos.unsqueeze(1)).transpose(0, 1)
        return {'pred_logits': self.linear_class(h),
                'pred_boxes': self.linear_bbox(h).sigmoid()}
"""


def notebook(*cells: str) -> bytes:
    """A notebook; a cell that begins with `# Markdown` is one."""
    values = [
        {"cell_type": "markdown" if cell.startswith("# Markdown") else "code", "source": cell}
        for cell in cells
    ]
    return json.dumps({"cells": values, "nbformat": 4}).encode()


def changed(text: str, changes: Mapping[str, str]) -> str:
    """A text with pieces replaced, each of which has to occur."""
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def class_of(exercise: Exercise, answers: Mapping[str, str] | None = None) -> str:
    """The class alone, without its imports."""
    source = exercise.with_answers(answers or {})
    return source[source.index("class MinimalDETR") :]


def official(changes: Mapping[str, str] | None = None) -> str:
    """The class in the form of the authors' notebook, with its imports."""
    return IMPORTS + changed(OFFICIAL, changes or {})
