"""The cards of all models that a project can name: those of the zoo, and its own.

In: cards by name, made of what `models:` says. Out: `ModelCards`, which the configuration holds and
everything asks that knows a model by its name. No torch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from generator.detr.zoo import ModelCard, model_card, model_names
from generator.errors import UnavailableError


@dataclass(frozen=True)
class ModelCards:
    """The cards of a project's models, by name.

    Attributes:
        own: those of `models:`, and those of the zoo whose weights are another file's.
        away: why there is no card yet, by the name of a model that has to be downloaded first.
    """

    own: Mapping[str, ModelCard] = field(default_factory=dict)
    away: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> ModelCard:
        """The card of a model.

        Raises:
            UnavailableError: it has to be downloaded first.
            KeyError: no model has this name.
        """
        if name in self.away:
            raise UnavailableError(self.away[name])
        return self.own[name] if name in self.own else model_card(name)

    @property
    def names(self) -> tuple[str, ...]:
        """All names: the zoo's, then those of one's own."""
        return tuple(dict.fromkeys((*model_names(), *self.own, *self.away)))

    def known(self, names: Iterable[str]) -> tuple[ModelCard, ...]:
        """The cards of models, each once; those that have to be downloaded first are left out."""
        return tuple(self[name] for name in dict.fromkeys(names) if name not in self.away)
