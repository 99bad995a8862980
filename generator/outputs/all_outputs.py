"""Every form in which a handout can be published: a new one is a line here."""

from __future__ import annotations

from generator.outputs.output import Output
from generator.outputs.pdf.handout import Pdf
from generator.outputs.website import Website

OUTPUTS: tuple[Output, ...] = (Website(), Pdf())
