"""Runs a relative again over an image that it has seen, with some of its attention taken away.

In: a network of transformers, its architecture, a normalised image. Out: logits and boxes, as they
would have been. What runs again is the network itself; features, and for the decoder what the
encoder gave, are kept and not made again. It answers what `detr.interventions.Replay` answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from generator.detr.interventions import Answer
from generator.detr.relatives.architecture import RelativeArchitecture
from generator.detr.relatives.cells import Cells
from generator.detr.relatives.changed import Change, Seen, changing
from generator.detr.relatives.parts import Attention, parts_of

_ENCODER = "encoder_self"


class RelativeReplay:
    """A network and what it made of one image.

    Attributes:
        model: the network, in evaluation mode.
        architecture: its own.
        cells: of the feature map that masks count.
        queries: the number of object queries, or of detection tokens.
        cells_read: how many cells a query can look at, those of all levels.
        parts: where its layers are.
    """

    def __init__(
        self,
        model: nn.Module,
        architecture: RelativeArchitecture,
        image: Tensor,
        cells: Cells,
        cells_read: int,
    ) -> None:
        self.model, self.architecture, self.cells = model, architecture, cells
        self.cells_read = cells_read
        self.parts = parts_of(model, architecture, cells.hw[0] * cells.hw[1])
        self.queries = architecture.queries
        self._image = image
        self._kept: dict[nn.Module, Any] = {}
        self._changes: dict[nn.Module, Change] = {}
        kept = (*self.parts.before, *self.parts.encoder, *self.parts.decoder)
        with torch.no_grad(), self._keeping(kept):
            model(pixel_values=image)

    def attentions(self, kind: str) -> Sequence[Attention]:
        """The attention of each layer: "encoder_self", "decoder_self" or "decoder_cross"."""
        return self.parts.attentions[kind]

    def probabilities(self, logits: Tensor) -> Tensor:
        """Of all classes and last of "no object", (..., C + 1).

        A sigmoid knows no such class: here it has what the best class lacks.
        """
        if self.architecture.score == "softmax":
            return logits.softmax(dim=-1)
        of_classes = logits.sigmoid()
        return torch.cat([of_classes, 1 - of_classes.amax(dim=-1, keepdim=True)], dim=-1)

    def decode(self, blocked: Tensor | None = None, layers: Iterable[int] | None = None) -> Answer:
        """Runs the decoder and the heads again.

        Args:
            blocked: (B, Q or 1, N), true where a query may not look (`Change.blocked`).
            layers: in which decoder layers; None means all.
        """
        cross = self.attentions("decoder_cross")
        chosen = set(range(len(cross)) if layers is None else layers)
        changes = [
            Change(one, blocked)
            for number, one in enumerate(cross)
            if blocked is not None and number in chosen
        ]
        return self.run(changes, batch=1 if blocked is None else len(blocked))

    def again(self, kind: str, first: int) -> Answer:
        """Runs it with the ablations that are open, of which the first is in layer `first`."""
        return self.run(list(self._changes.values()), first=(kind, first))

    @contextmanager
    def evenly(self, attention: Attention, heads: Sequence[int] | None = None) -> Iterator[None]:
        """While open, heads are uniform when it runs `again` (`Change.even`); None means all."""
        chosen = tuple(range(attention.num_heads) if heads is None else heads)
        with self._changed(Change(attention, even=chosen)):
            yield

    @contextmanager
    def silently(self, attention: Attention) -> Iterator[None]:
        """While open, an attention adds nothing when it runs `again` (`Change.is_silent`)."""
        with self._changed(Change(attention, is_silent=True)):
            yield

    @contextmanager
    def _changed(self, change: Change) -> Iterator[None]:
        self._changes[change.attention.module] = change
        try:
            yield
        finally:
            del self._changes[change.attention.module]

    def run(
        self,
        changes: Sequence[Change] = (),
        *,
        batch: int = 1,
        first: tuple[str, int] = ("decoder_cross", 0),
        seen: list[Seen] | None = None,
    ) -> Answer:
        """Runs what comes behind the part of the network that is kept.

        Args:
            changes: of attentions.
            batch: how many masks a change has.
            first: the kind of attention and its layer that the run starts from.
            seen: what `changing` is to note.
        """
        with ExitStack() as hooks:
            for module, output in self._before(*first):
                hooks.enter_context(_gives(module, _of_batch(output, batch)))
            if changes or seen is not None:
                hooks.enter_context(changing(self.model, changes, self.cells, seen))
            output = self.model(pixel_values=self._image.expand(batch, -1, -1, -1))
        return Answer(output.logits, output.pred_boxes)

    @contextmanager
    def with_encoder_as_it_is(self) -> Iterator[None]:
        """While open, decoders read what the encoder gives now that its weights were changed."""
        encoders = self.parts.before[1:]
        kept = {one: self._kept[one] for one in encoders}
        try:
            with self._keeping(encoders):
                self.run(first=(_ENCODER, 0))
            yield
        finally:
            self._kept |= kept

    @contextmanager
    def _keeping(self, modules: Sequence[nn.Module]) -> Iterator[None]:
        """While open, what modules give is kept."""
        with ExitStack() as hooks:
            for module in modules:
                handle = module.register_forward_hook(
                    lambda one, _, output: self._kept.update({one: output})
                )
                hooks.callback(handle.remove)
            yield

    def _before(self, kind: str, first: int) -> Iterator[tuple[nn.Module, Any]]:
        """The modules that are kept, and what they gave."""
        parts = self.parts
        if kind == _ENCODER and parts.before:
            kept = [*parts.before[:1]]
            kept += parts.encoder[:first] if parts.encoder_starts_anywhere else []
        else:
            kept = [*parts.before, *parts.decoder[:first]]
        for module in kept:
            yield module, self._kept[module]


@contextmanager
def _gives(module: nn.Module, output: Any) -> Iterator[None]:
    """While open, a module gives what it gave, and computes nothing."""
    module.forward = lambda *_, **__: output
    try:
        yield
    finally:
        del module.forward  # that of the class is there again


def _of_batch(output: Any, batch: int) -> Any:
    """The same output for each of a batch; nothing is copied."""
    if batch == 1:
        return output
    if isinstance(output, Tensor):
        return output.expand(batch, *output.shape[1:])
    if isinstance(output, Mapping):  # an output class of transformers
        return type(output)(**{name: _of_batch(one, batch) for name, one in output.items()})
    if isinstance(output, list | tuple):
        return type(output)(_of_batch(one, batch) for one in output)
    return output
