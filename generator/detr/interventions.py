"""Takes attention away from a network that has seen an image, and runs the rest of it again.

In: a DETR of the zoo, the minimal one included, and a normalised image. Out: logits and boxes, as
they would have been without some of the attention. What runs again is the network itself: hooks
and masks change what goes into its `nn.MultiheadAttention`s, and an ablation changes their
weights for a moment. Features and, for the decoder, the memory are kept, not made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from generator.detr.minimal import MinimalDETR


class Answer(NamedTuple):
    """The last layer's output: logits (B, Q, C + 1) and boxes_cxcywh (B, Q, 4)."""

    logits: Tensor
    boxes_cxcywh: Tensor


@dataclass(frozen=True, eq=False)
class Call:
    """What a stack of layers was called with, and what each of its layers gave."""

    arguments: tuple[Any, ...]
    options: dict[str, Any]
    outputs: tuple[Tensor, ...]


class Replay:
    """A network and what it made of one image up to the transformer.

    Attributes:
        model: the network, in evaluation mode.
        encoder, decoder: its two stacks of layers.
        memory: the encoder's output, (N, 1, d).
    """

    def __init__(self, model: nn.Module, image: Tensor) -> None:
        transformer: Any = model.transformer
        self.model = model
        self.encoder, self.decoder = transformer.encoder, transformer.decoder
        with torch.no_grad(), ExitStack() as hooks:
            encoder = hooks.enter_context(_recorded(self.encoder))
            decoder = hooks.enter_context(_recorded(self.decoder))
            model(image)
        self._encoded, self._decoded = encoder(), decoder()
        # PyTorch's own decoder is called with queries and memory, ours the other way round.
        is_pytorchs = isinstance(self.decoder, nn.TransformerDecoder)
        self._queries, self._memory = (0, 1) if is_pytorchs else (2, 0)
        self.memory: Tensor = self._decoded.arguments[self._memory]

    @property
    def queries(self) -> int:
        """The number of object queries."""
        return int(self._decoded.arguments[self._queries].shape[0])

    @property
    def cells_read(self) -> int:
        """How many cells a query can look at."""
        return len(self.memory)

    def attentions(self, kind: str) -> list[nn.MultiheadAttention]:
        """The attention of each layer: "encoder_self", "decoder_self" or "decoder_cross"."""
        if kind == "encoder_self":
            return [layer.self_attn for layer in self.encoder.layers]
        name = "self_attn" if kind == "decoder_self" else "multihead_attn"
        return [getattr(layer, name) for layer in self.decoder.layers]

    def probabilities(self, logits: Tensor) -> Tensor:
        """Of all classes and last of "no object", (..., C + 1)."""
        return logits.softmax(dim=-1)

    def again(self, kind: str, first: int) -> Answer:
        """Runs it with the ablations that are open, of which the first is in layer `first`."""
        if kind == "encoder_self":
            return self.decode(memory=self.encode(first))
        return self.decode(first=first)

    def evenly(
        self, attention: nn.MultiheadAttention, heads: Sequence[int] | None = None
    ) -> AbstractContextManager[None]:
        """While open, heads are uniform; None means all."""
        return evenly(attention, heads)

    def silently(self, attention: nn.MultiheadAttention) -> AbstractContextManager[None]:
        """While open, an attention adds nothing."""
        return silently(attention)

    def encode(self, first: int = 0) -> Tensor:
        """Runs the encoder again, from layer `first` on: the memory, (N, 1, d)."""
        call = self._encoded
        with _as_before(self.encoder, call, first):
            return self.encoder(*call.arguments, **call.options)  # type: ignore[no-any-return]

    def decode(
        self,
        blocked: Tensor | None = None,
        layers: Iterable[int] | None = None,
        *,
        batch: int = 1,
        memory: Tensor | None = None,
        first: int = 0,
    ) -> Answer:
        """Runs the decoder and the heads again.

        Args:
            blocked: (B, Q or 1, N), true where a query may not look. The softmax runs over what
                is left; a query that may look nowhere reads nothing.
            layers: in which decoder layers; None means all.
            batch: B, if nothing is blocked.
            memory: in place of the one that was kept.
            first: the layer to start from; those before give again what they gave.
        """
        decoder, call = self.decoder, self._decoded
        arguments = list(call.arguments)
        batch = batch if blocked is None else len(blocked)
        arguments[self._queries] = arguments[self._queries].expand(-1, batch, -1)
        arguments[self._memory] = self.memory if memory is None else memory
        with ExitStack() as hooks:
            hooks.enter_context(_as_before(decoder, call, first))
            chosen = set(range(len(decoder.layers)) if layers is None else layers)
            for number, attention in enumerate(self.attentions("decoder_cross")):
                mask = blocked if number in chosen else None
                hooks.enter_context(one_memory(attention, mask))
            hs = decoder(*arguments, **call.options)
        if hs.dim() == 4:  # ours gives all layers
            hs = hs[-1]
        return self._read(hs.transpose(0, 1))  # (B, Q, d)

    def _read(self, hs: Tensor) -> Answer:
        model: Any = self.model
        if isinstance(model, MinimalDETR):
            return Answer(model.linear_class(hs), model.linear_bbox(hs).sigmoid())
        return Answer(model.class_embed(hs), model.bbox_embed(hs).sigmoid())


@contextmanager
def one_memory(attention: nn.MultiheadAttention, blocked: Tensor | None) -> Iterator[None]:
    """While open, all queries of a batch read one memory, whose keys are made once.

    Args:
        blocked: as in `Replay.decode`; None blocks nothing.
    """
    empty: list[Tensor] = []

    def gather(_: nn.Module, arguments: Any, options: dict[str, Any]) -> Any:
        query, key, value = arguments  # (Q, B, d), (N, 1, d), (N, 1, d)
        length, batch, _ = query.shape
        if blocked is not None:
            mask = blocked.expand(batch, length, -1).reshape(batch * length, -1)
            nothing = mask.all(dim=1)
            empty.append(nothing)
            options = options | {"attn_mask": mask & ~nothing[:, None]}
        rows = query.transpose(0, 1).reshape(batch * length, 1, -1)
        shapes.append((batch, length))
        return (rows, key, value), options

    def scatter(module: nn.MultiheadAttention, _: Any, output: Any) -> Any:
        rows, weights = output
        if empty:  # what a sum over no values leaves
            rows = torch.where(empty.pop()[:, None, None], module.out_proj.bias, rows)
        return rows.reshape(*shapes.pop(), -1).transpose(0, 1), weights  # (Q, B, d)

    shapes: list[tuple[int, int]] = []
    handles = (
        attention.register_forward_pre_hook(gather, with_kwargs=True),
        attention.register_forward_hook(scatter),
    )
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def evenly(attention: nn.MultiheadAttention, heads: Sequence[int] | None = None) -> Iterator[None]:
    """While open, heads are uniform: their queries are 0, so their rows are even.

    Args:
        heads: from 0; None means all.
    """
    size = attention.head_dim
    chosen = range(attention.num_heads) if heads is None else heads
    rows = torch.cat([torch.arange(head * size, (head + 1) * size) for head in chosen])
    with _changed(attention.in_proj_weight, rows), _changed(attention.in_proj_bias, rows):
        yield


@contextmanager
def silently(attention: nn.MultiheadAttention) -> Iterator[None]:
    """While open, an attention gives 0, so that only the residual connection is left."""
    everything = torch.arange(attention.embed_dim)
    with (
        _changed(attention.out_proj.weight, everything),
        _changed(attention.out_proj.bias, everything),
    ):
        yield


@contextmanager
def _changed(parameter: Tensor, rows: Tensor) -> Iterator[None]:
    """While open, some rows of a parameter are 0."""
    kept = parameter.detach()[rows].clone()
    with torch.no_grad():
        parameter[rows] = 0
    try:
        yield
    finally:
        with torch.no_grad():
            parameter[rows] = kept


@contextmanager
def shuffled(stack: nn.Module, generator: torch.Generator) -> Iterator[None]:
    """While open, the numbers in each parameter of a stack are shuffled.

    The weights have the same sizes as before, so that what is lost is what was learned
    (arXiv 1810.03292).
    """
    kept = {name: one.detach().clone() for name, one in stack.named_parameters()}
    with torch.no_grad():
        for parameter in stack.parameters():
            order = torch.randperm(parameter.numel(), generator=generator).to(parameter.device)
            parameter.copy_(parameter.flatten()[order].view_as(parameter))
    try:
        yield
    finally:
        with torch.no_grad():
            for name, parameter in stack.named_parameters():
                parameter.copy_(kept[name])


@contextmanager
def _recorded(stack: Any) -> Iterator[Callable[[], Call]]:
    """While open, records a stack's call; gives a function that returns it."""
    calls: list[tuple[Any, Any]] = []
    outputs: list[Tensor] = []
    handles = [
        stack.register_forward_pre_hook(
            lambda _, arguments, options: calls.append((arguments, options)), with_kwargs=True
        ),
        *(
            layer.register_forward_hook(lambda _, __, output: outputs.append(output))
            for layer in stack.layers
        ),
    ]
    try:
        yield lambda: Call(*calls[-1], tuple(outputs))
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def _as_before(stack: Any, call: Call, first: int) -> Iterator[None]:
    """While open, the layers before `first` give what they gave, and compute nothing."""
    skipped = list(zip(stack.layers[:first], call.outputs, strict=False))
    for layer, output in skipped:
        layer.forward = lambda *_, _output=output, **__: _output
    try:
        yield
    finally:
        for layer, _ in skipped:
            del layer.forward  # that of the class is there again
