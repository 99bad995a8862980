"""The minimal DETR of the exercise: ResNet-50, PyTorch's own Transformer, two linear heads.

In: normalised images. Out: logits and boxes. Parameter names are those of the official
demo checkpoint (`detr_demo`). It differs from the full model in four ways: learned row
and column embeddings, added once to the encoder's input; one linear layer as box head;
and features scaled by 0.1, because the demo was trained that way.
"""

from __future__ import annotations

import warnings

import torch
from torch import Tensor, nn
from torchvision.models import resnet50

from generator.detr.model import DetrOutput


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
        self.backbone = resnet50(weights=None)
        del self.backbone.fc
        self.conv = nn.Conv2d(2048, hidden_dim, kernel_size=1)
        with warnings.catch_warnings():  # of nested tensors that stay unused
            warnings.filterwarnings("ignore", message="enable_nested_tensor")
            self.transformer = nn.Transformer(
                hidden_dim, nheads, num_encoder_layers, num_decoder_layers
            )
        self.linear_class = nn.Linear(hidden_dim, num_classes + 1)
        self.linear_bbox = nn.Linear(hidden_dim, 4)
        self.query_pos = nn.Parameter(torch.rand(num_queries, hidden_dim))
        self.row_embed = nn.Parameter(torch.rand(50, hidden_dim // 2))
        self.col_embed = nn.Parameter(torch.rand(50, hidden_dim // 2))

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Maps images (B, 3, H, W) to `pred_logits` (B, Q, C + 1) and `pred_boxes` (B, Q, 4)."""
        net = self.backbone
        x = net.maxpool(net.relu(net.bn1(net.conv1(images))))
        x = net.layer4(net.layer3(net.layer2(net.layer1(x))))  # (B, 2048, h, w)
        features = self.conv(x)  # (B, d, h, w)
        batch, _, h, w = features.shape
        columns = self.col_embed[:w].unsqueeze(0).expand(h, -1, -1)  # (h, w, d / 2)
        rows = self.row_embed[:h].unsqueeze(1).expand(-1, w, -1)
        position = torch.cat([columns, rows], dim=-1).flatten(0, 1).unsqueeze(1)  # (N, 1, d)
        hs = self.transformer(
            position + 0.1 * features.flatten(2).permute(2, 0, 1),  # (N, B, d)
            self.query_pos.unsqueeze(1).expand(-1, batch, -1),  # (Q, B, d)
        ).transpose(0, 1)  # (B, Q, d)
        return {
            "pred_logits": self.linear_class(hs),
            "pred_boxes": self.linear_bbox(hs).sigmoid(),
        }


def run_minimal(model: MinimalDETR, images: Tensor) -> DetrOutput:
    """Runs the minimal DETR and returns what the full model returns.

    `nn.Transformer` returns only its last layer, so hooks record the outputs of all layers,
    which then pass through the same final norm and heads.
    """
    shapes: list[tuple[int, ...]] = []
    states: list[Tensor] = []  # (Q, B, d) each
    handles = [model.conv.register_forward_pre_hook(lambda _, args: shapes.append(args[0].shape))]
    for layer in model.transformer.decoder.layers:
        handles.append(layer.register_forward_hook(lambda _, __, out: states.append(out)))
    try:
        model(images)
    finally:
        for handle in handles:
            handle.remove()
    hs = model.transformer.decoder.norm(torch.stack(states)).transpose(1, 2)  # (layers, B, Q, d)
    batch, channels, h, w = shapes[0]
    return DetrOutput(
        model.linear_class(hs), model.linear_bbox(hs).sigmoid(), (batch, channels, h, w)
    )
