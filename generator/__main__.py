"""The command line: `python -m generator`.

In: arguments. Out: text on the terminal and an exit code: 0 done, 1 something failed,
2 wrong usage or configuration. Only here are errors printed. Whatever is slow to import
is imported by the command that needs it.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from generator.errors import ConfigurationError, GeneratorError

if TYPE_CHECKING:
    from generator.build import BuildReport

FAILED, WRONG_USAGE = 1, 2

config_option = click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path("site_config.yml"),
    show_default=True,
    help="The site's configuration.",
)
verbose_option = click.option("-v", "--verbose", is_flag=True, help="Say more, tracebacks too.")
quiet_option = click.option("-q", "--quiet", is_flag=True, help="Say nothing but what went wrong.")


class _Commands(click.Group):
    """Turns errors that are meant for users into text and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except ConfigurationError as error:
            click.echo(f"{error}\n{_count(len(error.problems), 'problem')}.", err=True)
            ctx.exit(WRONG_USAGE)
        except GeneratorError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(FAILED)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Runs DETR over your images and turns what it measures into a course handout."""


@main.command()
@config_option
@click.option(
    "--output", type=click.Path(path_type=Path), help="Folder to write to.  [default: build]"
)
@click.option("--only", multiple=True, metavar="SLUG", help="Build only this image; repeatable.")
@click.option("--offline", is_flag=True, help="Download nothing.")
@click.option("--strict", is_flag=True, help="Fail when an image had to be left out.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=os.cpu_count() or 1,
    help="Processes that draw figures.  [default: one a core]",
)
@verbose_option
@quiet_option
def build(
    config: Path,
    output: Path | None,
    only: tuple[str, ...],
    offline: bool,
    strict: bool,
    jobs: int,
    verbose: bool,
    quiet: bool,
) -> None:
    """Runs DETR over the gallery and builds the site.

    Images whose file or model cannot be downloaded are left out, with a notice. The exit
    code is 0 when everything else was built, 1 when an image failed, 2 when the
    configuration has problems.
    """
    _set_up_logging(verbose, quiet)
    from generator.build import BuildOptions
    from generator.build import build as run

    report = run(BuildOptions(config, output, only, offline, jobs))
    if not quiet:
        click.echo(_summary(report))
    if report.count("failed") or (strict and report.count("left_out")):
        sys.exit(FAILED)


@main.command()
@config_option
def check(config: Path) -> None:
    """Validates the configuration and the gallery; runs nothing and downloads nothing."""
    from generator.gallery import load_project

    site, entries = load_project(config)
    click.echo(f"{config} and {_relative(site.gallery)} are fine: {_count(len(entries), 'image')}.")


@main.command()
@click.argument(
    "images", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="IMAGE..."
)
@click.option("--model", default="detr_emoji", show_default=True, help="See `models`.")
@click.option(
    "--threshold", type=click.FloatRange(0, 1, True, True), default=0.9, show_default=True
)
@click.option("--weights", type=click.Path(path_type=Path), help="A local weights file.")
@click.option("--device", default="cpu", show_default=True, help="cpu, cuda, mps or auto.")
@click.option("--offline", is_flag=True, help="Download nothing.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("build/detect"),
    show_default=True,
    help="Folder of the figures.",
)
@verbose_option
def detect(
    images: tuple[Path, ...],
    model: str,
    threshold: float,
    weights: Path | None,
    device: str,
    offline: bool,
    output: Path,
    verbose: bool,
) -> None:
    """Runs DETR over your own images: a table of what it finds, and the figures.

    Nothing is added to the gallery, and no site is built.
    """
    _set_up_logging(verbose, quiet=False)
    from generator.try_out import TryOut

    try_out = TryOut(model, threshold, weights, device, output, offline=offline)
    failed = False
    for image in images:
        try:
            click.echo(try_out.run(image))
        except ConfigurationError:
            raise
        except GeneratorError as error:
            click.echo(f"Error: {error}", err=True)
            failed = True
    if failed:
        sys.exit(FAILED)


@main.command()
def models() -> None:
    """Lists the models, and whether their weights are on this machine."""
    from generator.detr.zoo import model_card, model_names

    click.echo(f"{'name':<20} {'weights':<12} {'size':>8}  {'AP':>4}  on")
    for name in model_names():
        card = model_card(name)
        here = card.file.is_file()
        size = card.file.stat().st_size if here else 4 * card.parameters
        state = "shipped" if card.checkpoint_url is None else "here" if here else "to download"
        megabytes = f"{'' if here else '~'}{size / 1e6:.0f} MB"
        click.echo(f"{name:<20} {state:<12} {megabytes:>8}  {card.ap:>4.1f}  {card.dataset}")


@main.command()
@config_option
@click.option("--output", type=click.Path(path_type=Path), help="Folder that was built into.")
@click.option("--cache", is_flag=True, help="Forward passes and downloaded images, too.")
def clean(config: Path, output: Path | None, cache: bool) -> None:
    """Removes what a build wrote."""
    root = config.resolve().parent
    folders = [output or root / "build"] + ([root / ".cache"] if cache else [])
    for folder in folders:
        if not folder.exists():
            click.echo(f"{_relative(folder)}: nothing to remove")
        elif folder.name != ".cache" and not (folder / "mkdocs.yml").is_file():
            raise GeneratorError(f"{folder}: was not written by a build; it is left alone")
        else:
            shutil.rmtree(folder)
            click.echo(f"{_relative(folder)}: removed")


def _summary(report: BuildReport) -> str:
    """What a build did, in a few lines."""
    built = report.count("built")
    lines = [
        "",
        f"{_count(built, 'image')} built with {_count(report.detections, 'detection')}, "
        f"{report.count('left_out')} left out, {report.count('failed')} failed, "
        f"in {report.seconds:.0f} s.",
    ]
    lines += [
        f"  {'left out' if one.status == 'left_out' else 'failed'}: {one.slug}: {one.reason}"
        for one in report.statuses
        if one.status != "built"
    ]
    lines.append(f"Open {_relative(report.site / 'index.html')} in a browser.")
    return "\n".join(lines)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _relative(path: Path) -> Path:
    """A path as short as it can be said from here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _set_up_logging(verbose: bool, quiet: bool) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    level = logging.DEBUG if verbose else logging.WARNING if quiet else logging.INFO
    logging.getLogger("generator").setLevel(level)


if __name__ == "__main__":
    main(prog_name="python -m generator")
