"""The notebook's way, for `side_by_side`: two forwards an image, hooks, three figures saved.

It is what a notebook does, put into a script of our own: the network as it was built, whose
attentions all return their weights; a forward for the boxes and one with hooks; and the boxes, the
kept queries' maps and the maps of four points, drawn by matplotlib as a notebook draws them.

    python -m benchmarks.notebook_way WEIGHTS JSON OUTPUT

JSON holds a list of [picture, threshold].
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import torch
from matplotlib import pyplot as plt
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor, nn
from torchvision import transforms

from generator.detr.weights import build_model
from generator.detr.zoo import model_card

MEAN, DEVIATION = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
POINTS = ((0.19, 0.25), (0.38, 0.35), (0.56, 0.25), (0.75, 0.55))
COLOURS = ("#0072bd", "#d95319", "#edb120", "#7e2f8e", "#77ac30", "#4dbeee")


def with_weights(_module: nn.Module, args: Any, kwargs: dict[str, Any]) -> Any:
    """The official network asks each attention for its weights, the mean of the heads."""
    return args, {**kwargs, "need_weights": True}


def load(weights: Path) -> nn.Module:
    """DETR-R50 as it is built, nothing folded."""
    model = build_model(model_card("detr_resnet50"))
    model.load_state_dict(load_file(weights))
    for module in model.modules():
        if isinstance(module, nn.MultiheadAttention):
            module.register_forward_pre_hook(with_weights, with_kwargs=True)
    return model.eval().requires_grad_(False)


def detect(
    model: nn.Module, image: Image.Image, threshold: float
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The first forward: kept queries, their probabilities and boxes, and the network's input."""
    to_input = transforms.Compose(
        [
            transforms.Resize(800, max_size=1333),
            transforms.ToTensor(),
            transforms.Normalize(MEAN, DEVIATION),
        ]
    )
    tensor = to_input(image)[None]
    output = model(tensor)
    probabilities = output.logits[-1, 0].softmax(-1)[:, :-1]
    keep = probabilities.max(-1).values > threshold
    x, y, w, h = output.boxes_cxcywh[-1, 0, keep].unbind(-1)
    size = torch.tensor([image.width, image.height] * 2)
    boxes = torch.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], -1) * size
    return keep.nonzero()[:, 0], probabilities[keep], boxes, tensor


def attend(model: nn.Module, tensor: Tensor) -> tuple[tuple[int, int], Tensor, Tensor]:
    """The second forward, with hooks: the grid, the encoder's and the decoder's last weights."""
    seen: dict[str, Any] = {}
    places = {
        "features": model.get_submodule("backbone"),
        "encoder": model.get_submodule("transformer.encoder.layers.5.self_attn"),
        "decoder": model.get_submodule("transformer.decoder.layers.5.multihead_attn"),
    }
    hooks = [
        place.register_forward_hook(lambda _m, _i, out, name=name: seen.update({name: out}))
        for name, place in places.items()
    ]
    model(tensor)
    for hook in hooks:
        hook.remove()
    return tuple(seen["features"].shape[-2:]), seen["encoder"][1][0], seen["decoder"][1][0]


def draw_boxes(image: Image.Image, probabilities: Tensor, boxes: Tensor, path: Path) -> None:
    """The picture with its boxes."""
    plt.figure(figsize=(16, 10))
    plt.imshow(image)
    axes = plt.gca()
    for number, (one, (x0, y0, x1, y1)) in enumerate(
        zip(probabilities, boxes.tolist(), strict=True)
    ):
        colour = COLOURS[number % len(COLOURS)]
        size = x1 - x0, y1 - y0
        axes.add_patch(plt.Rectangle((x0, y0), *size, fill=False, color=colour, linewidth=3))
        text = f"class {int(one.argmax())}: {float(one.max()):.2f}"
        axes.text(x0, y0, text, fontsize=15, bbox={"facecolor": "yellow", "alpha": 0.5})
    plt.axis("off")
    plt.savefig(path)
    plt.close()


def draw_queries(image: Image.Image, boxes: Tensor, maps: Tensor, queries: Any, path: Path) -> None:
    """Each kept query's map above its box."""
    _, grid = plt.subplots(ncols=len(boxes), nrows=2, figsize=(22, 7), squeeze=False)
    for number, (query, (x0, y0, x1, y1)) in enumerate(zip(queries, boxes.tolist(), strict=True)):
        above, below = grid[:, number]
        above.imshow(maps[number])
        above.set_title(f"query id: {query}")
        below.imshow(image)
        below.add_patch(plt.Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, color="blue", lw=3))
        for axes in (above, below):
            axes.axis("off")
    plt.tight_layout()
    plt.savefig(path)
    plt.close()


def draw_points(image: Image.Image, maps: Tensor, path: Path) -> None:
    """Where four points look, around the picture; maps (h, w, h, w)."""
    h, w = maps.shape[:2]
    figure = plt.figure(figsize=(17.5, 6))
    grid = figure.add_gridspec(2, 4)
    middle = figure.add_subplot(grid[:, 1:-1])
    middle.imshow(image)
    for (x, y), place in zip(POINTS, ((0, 0), (1, 0), (0, -1), (1, -1)), strict=True):
        axes = figure.add_subplot(grid[place])
        axes.imshow(maps[int(y * h), int(x * w)], cmap="cividis", interpolation="nearest")
        axes.axis("off")
        axes.set_title(f"self-attention of ({x}, {y})")
        middle.add_patch(plt.Circle((x * image.width, y * image.height), 12, color="red"))
    middle.axis("off")
    plt.savefig(path)
    plt.close()


def main() -> None:
    """Runs over all pictures."""
    weights, pictures, output = map(Path, sys.argv[1:4])
    model = load(weights)
    with torch.no_grad():
        for number, (name, threshold) in enumerate(json.loads(pictures.read_text())):
            image = Image.open(name).convert("RGB")
            queries, probabilities, boxes, tensor = detect(model, image, threshold)
            (h, w), encoder, decoder = attend(model, tensor)
            draw_boxes(image, probabilities, boxes, output / f"{number}-boxes.png")
            maps = decoder[queries].reshape(-1, h, w)
            draw_queries(image, boxes, maps, queries.tolist(), output / f"{number}-queries.png")
            draw_points(image, encoder.reshape(h, w, h, w), output / f"{number}-points.png")


if __name__ == "__main__":
    main()
