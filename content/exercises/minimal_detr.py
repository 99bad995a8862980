"""The minimal DETR: a ResNet-50, PyTorch's own Transformer and two linear heads.

One image in; class scores and boxes of all object queries out. The parameters have the names
that the official demo checkpoint gives them, so the finished class loads it unchanged.

Shapes are in the comments: h x w is the feature map's grid, N = h * w the number of its cells,
M the number of object queries, C the number of classes, d = hidden_dim.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torchvision.models import resnet50


class MinimalDETR(nn.Module):
    """DETR with as little code as it takes (arXiv 2005.12872, appendix A.6)."""

    def __init__(
        self,
        num_classes: int,
        hidden_dim: int = 256,
        nheads: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        num_queries: int = 100,
    ) -> None:
        super().__init__()

        # A ResNet-50 that ends with its feature map. One line takes its last part away.
        self.backbone = resnet50()
        ### BEGIN SOLUTION backbone
        del self.backbone.fc
        ### END SOLUTION

        # From the backbone's channels to the transformer's width, cell by cell.
        self.conv = nn.Conv2d(2048, hidden_dim, kernel_size=1)  ### SOLUTION projection

        # The transformer, with its width, its heads and both numbers of layers.
        self.transformer = nn.Transformer(hidden_dim, nheads, num_encoder_layers, num_decoder_layers)  ### SOLUTION transformer

        # Two heads: what each query sees, and where.
        self.linear_class = nn.Linear(hidden_dim, num_classes + 1)  ### SOLUTION classes
        self.linear_bbox = nn.Linear(hidden_dim, 4)  ### SOLUTION boxes

        # What is learned besides: the object queries, and a code for each row and column.
        self.query_pos = nn.Parameter(torch.rand(num_queries, hidden_dim))  ### SOLUTION queries: torch.rand(num_queries, hidden_dim)
        self.row_embed = nn.Parameter(torch.rand(50, hidden_dim // 2))  ### SOLUTION codes: torch.rand(50, hidden_dim // 2)
        self.col_embed = nn.Parameter(torch.rand(50, hidden_dim // 2))  ### SOLUTION codes: torch.rand(50, hidden_dim // 2)

    def features(self, image: Tensor) -> Tensor:
        """The backbone's last feature map: (1, 3, H, W) to (1, 2048, h, w)."""
        net = self.backbone
        x = net.maxpool(net.relu(net.bn1(net.conv1(image))))
        for stage in (net.layer1, net.layer2, net.layer3, net.layer4):
            x = stage(x)
        return x

    def positions(self, h: int, w: int) -> Tensor:
        """One vector for each cell, row by row: (N, 1, d)."""
        columns = self.col_embed[:w].expand(h, w, -1)  ### SOLUTION columns: self.col_embed[:w]
        rows = self.row_embed[:h].unsqueeze(1).expand(h, w, -1)  ### SOLUTION rows: self.row_embed[:h].unsqueeze(1)
        return torch.cat([columns, rows], dim=2).reshape(h * w, 1, -1)  # from two (h, w, d / 2)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        """Maps an image (1, 3, H, W), normalised, to what all queries answer."""
        x = self.conv(self.features(image))  # (1, d, h, w)
        h, w = x.shape[-2:]
        cells = x.flatten(2).permute(2, 0, 1)  # (N, 1, d)
        positions = self.positions(h, w)  # (N, 1, d)

        source = positions + 0.1 * cells  ### SOLUTION source
        queries = self.query_pos.unsqueeze(1)  ### SOLUTION target
        answers = self.transformer(source, queries).transpose(0, 1)  # (1, M, d)

        return {
            "pred_logits": self.linear_class(answers),  # (1, M, C + 1)
            "pred_boxes": self.linear_bbox(answers).sigmoid(),  ### SOLUTION sigmoid: self.linear_bbox(answers).sigmoid()
        }
