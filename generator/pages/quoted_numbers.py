"""Numbers of the gallery, for quoting in prose: `{{ measure("lift", "decoder_cross") }}`.

In: the measurements, and names as an author writes them. Out: words, "12.3 (95 % interval 10.1
to 14.0, 9 images)" or "not enough to tell". A name that is never measured is a `PageError`, so
that prose cannot quote numbers that do not exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from generator.errors import PageError
from generator.measures.catalogue import ALL_MEASURES, applies_to
from generator.measures.catalogue_points import SPREAD
from generator.measures.claims.judge import Finding, has_no_width
from generator.measures.digits import in_digits
from generator.measures.gallery import Choice, GalleryMeasures, Head, Layer
from generator.measures.intervals import Interval
from generator.measures.mechanisms import DECODER_POINTS, ENCODER_POINTS, MECHANISMS, PREDICTIONS
from generator.measures.summary import ENOUGH_IMAGES, compared, mean_interval
from generator.project.suggest import did_you_mean

NOT_ENOUGH = "not enough to tell"
NOT_FOR_SAMPLED = "not for sampled attention"
Form = Literal["full", "number"]


class QuotedNumbers:
    """The measurements in words, for pages.

    Args:
        gallery: the measurements.
        models: those of the gallery's cards; a model without measurements is no mistake.
        findings: of every claim, by the claim's name.
    """

    def __init__(
        self,
        gallery: GalleryMeasures,
        models: Iterable[str],
        findings: Mapping[str, tuple[Finding, ...]],
    ) -> None:
        self._gallery, self._findings = gallery, findings
        self._models = tuple(dict.fromkeys([*gallery.models, *models]))

    def measure(
        self,
        measure: str,
        mechanism: str,
        layer: Layer = "last",
        head: Head = "mean",
        *,
        model: str | None = None,
        control: str | None = None,
        compare: str | None = None,
        form: Form = "full",
    ) -> str:
        """A number of the gallery in words.

        Args:
            measure, mechanism, layer, head: which number, as in `Choice`.
            model: None takes the model with the most images.
            control: gives the control's number in place of the measure's; see `compare`.
            compare: "ratio" or "difference" of the measure and the control.
            form: "full", with interval and images, or "number" alone. A control has no
                interval and is always given alone.

        Raises:
            PageError: a name does not exist; the nearest is suggested.
        """
        _refuse_unknown("form", form, ("full", "number"))
        if compare is not None:
            _refuse_unknown("compare", compare, ("ratio", "difference"))
            if control is None:
                raise PageError("`measure` compares with a control; name one, as `control=`")
        values = self._values(measure, mechanism, layer, head, model, control)
        if len(values) < ENOUGH_IMAGES:
            return self._why_not(mechanism, model, is_empty=not values)
        if control is None:
            interval = mean_interval([one for one, _ in values])
        else:
            comparison = compared(control, values)
            if compare is None:
                return in_digits(comparison.second)
            interval = comparison.ratio if compare == "ratio" else comparison.difference
        if interval is None:
            return NOT_ENOUGH
        return with_interval(interval) if form == "full" else in_digits(interval.value)

    def contrast(
        self,
        measure: str,
        mechanism: str,
        control: str,
        words: str,
        layer: Layer = "last",
        head: Head = "mean",
        *,
        model: str | None = None,
        compare: str = "ratio",
    ) -> str:
        """A number and its control over the same images, and how much they differ.

        For example "4.16, compared with 0.638 for other boxes (the same 8 images; ratio 6.52, 95 %
        interval 5.02 to 8.37)". Two numbers of `measure` may come from different images.

        Args:
            measure, mechanism, layer, head, model: as of `measure`.
            control: what the number is compared with.
            words: say what the control is, after its number.
            compare: "ratio" or "difference"; where the control may be 0, the difference is given.

        Raises:
            PageError: a name does not exist; the nearest is suggested.
        """
        _refuse_unknown("compare", compare, ("ratio", "difference"))
        values = self._values(measure, mechanism, layer, head, model, control)
        if len(values) < ENOUGH_IMAGES:
            return self._why_not(mechanism, model, is_empty=not values)
        found = compared(control, values)
        interval = found.ratio if compare == "ratio" else None
        name = "ratio" if interval else "difference"
        interval = interval or found.difference
        numbers = f"{in_digits(found.first)}, compared with {in_digits(found.second)} {words}"
        if interval is None or has_no_width(interval):
            return f"{numbers} (the same {found.images} images)"
        low, high = (in_digits(end, like=interval.value) for end in (interval.low, interval.high))
        return (
            f"{numbers} (the same {found.images} images; {name} {in_digits(interval.value)}, "
            f"95\N{NO-BREAK SPACE}% interval {low} to {high})"
        )

    def _why_not(self, mechanism: str, model: str | None, *, is_empty: bool) -> str:
        """Why there is no number: too few images, or a model that reads points and has no maps."""
        points = Choice(SPREAD.name, DECODER_POINTS.name, "last", "mean")
        is_sampled = bool(self._gallery.values(self._model(model), points))
        needs_maps = mechanism not in (DECODER_POINTS.name, ENCODER_POINTS.name, PREDICTIONS.name)
        return NOT_FOR_SAMPLED if is_empty and needs_maps and is_sampled else NOT_ENOUGH

    def enough(
        self,
        measure: str,
        mechanism: str,
        layer: Layer = "last",
        head: Head = "mean",
        *,
        model: str | None = None,
        control: str | None = None,
    ) -> bool:
        """Whether `measure` has a number to give.

        Raises:
            PageError: as `measure` does.
        """
        return len(self._values(measure, mechanism, layer, head, model, control)) >= ENOUGH_IMAGES

    def verdict(self, claim: str, model: str | None = None) -> str:
        """The verdict on a claim: "supported", "not supported" or "not testable here".

        Raises:
            PageError: there is no such claim or model.
        """
        _refuse_unknown("claim", claim, self._findings)
        name = self._model(model)
        found = self._findings[claim]
        return next(
            (one.verdict.value for one in found if one.model == name), found[0].verdict.value
        )

    def _values(
        self,
        measure: str,
        mechanism: str,
        layer: Layer,
        head: Head,
        model: str | None,
        control: str | None,
    ) -> list[tuple[float, float]]:
        """Each image's value and its control's, which is 0 if none is chosen."""
        _refuse_unknown("measure", measure, ALL_MEASURES)
        _refuse_unknown("mechanism", mechanism, MECHANISMS)
        mechanisms = applies_to(measure)
        if mechanism not in mechanisms:
            listed = ", ".join(f"`{name}`" for name in mechanisms)
            raise PageError(f"`{measure}` is not measured for `{mechanism}`; it is for {listed}")
        _refuse_unnumbered("layer", layer, ("first", "last", "all"))
        _refuse_unnumbered("head", head, ("mean", "all"))
        if control is not None:
            _refuse_unknown(f"control of `{measure}`", control, mechanisms[mechanism])
        name = self._model(model)
        found = self._gallery.values(name, Choice(measure, mechanism, layer, head)).values()
        if control is None:
            return [(one.value, 0.0) for one in found]
        return [(one.value, one.controls[control]) for one in found if control in one.controls]

    def _model(self, model: str | None) -> str:
        if model is None:
            return self._gallery.main_model or ""
        _refuse_unknown("model", model, self._models)
        return model


def exact(value: float) -> str:
    """A number as an author wrote it, with all its digits: "0.75", "2", "−0.05"."""
    return f"{value:g}".replace("-", "−")


def with_interval(interval: Interval) -> str:
    """Like "12.3 (95 % interval 10.1 to 14.0, 9 images)" or "0 (the same in all 9 images)"."""
    if has_no_width(interval):
        return f"{in_digits(interval.value)} (the same in all {interval.images} images)"
    low, high = (in_digits(end, like=interval.value) for end in (interval.low, interval.high))
    return (
        f"{in_digits(interval.value)} (95\N{NO-BREAK SPACE}% interval {low} to {high}, "
        f"{interval.images} images)"
    )


def _refuse_unknown(what: str, name: str, names: Iterable[str]) -> None:
    valid = tuple(names)
    if name not in valid:
        hint = did_you_mean(str(name), valid) or f"; there are {', '.join(valid) or 'none'}"
        raise PageError(f"there is no {what} `{name}`{hint}")


def _refuse_unnumbered(what: str, value: object, names: tuple[str, ...]) -> None:
    numbered = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    if not numbered and value not in names:
        hint = did_you_mean(str(value), names)
        listed = ", ".join(f'"{name}"' for name in names)
        raise PageError(f"a {what} is {listed} or a number from 1, not `{value}`{hint}")
