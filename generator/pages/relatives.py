"""The relatives of DETR in a build, one of each kind, for Q1 to say what is different in them.

In: the workflows of a build's models. Out: `RelativeKind`s, whose architecture has the facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from generator.detr.relatives.architecture import Kind, RelativeArchitecture
from generator.pages.model_diagram import Workflow


@dataclass(frozen=True)
class RelativeKind:
    """A kind of relative, with the models of it that ran.

    Attributes:
        about: what all models of the kind have in common.
        architecture: that of the first model, whose numbers the text tells.
        flow: the workflow of that model.
        models: titles of all models of the kind, that one's first.
    """

    about: Kind
    architecture: RelativeArchitecture
    flow: Workflow
    models: tuple[str, ...]

    @property
    def heading(self) -> str:
        """Of its section."""
        return f"How {self.about.title} differs from DETR"

    @property
    def anchor(self) -> str:
        """Where its section is on the page."""
        return "differs-" + re.sub(r"[^a-z0-9]+", "-", self.about.title.lower())


def relatives_of(workflows: Iterable[Workflow]) -> tuple[RelativeKind, ...]:
    """One of each kind, in the order of the workflows."""
    found: dict[str, list[tuple[RelativeArchitecture, Workflow]]] = {}
    for flow in workflows:
        if (architecture := flow.card.relative) is not None:
            found.setdefault(architecture.kind, []).append((architecture, flow))
    return tuple(
        RelativeKind(ones[0][0].about, *ones[0], models=tuple(flow.card.title for _, flow in ones))
        for ones in found.values()
    )
