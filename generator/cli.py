"""What all commands share: errors as text and exit codes, options, phrases, logging.

In: what a command raises. Out: text on the terminal and an exit code: 0 done, 1 something
failed, 2 wrong usage or configuration. Errors are printed here and in `__main__` alone.
"""

from __future__ import annotations

import errno
import io
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from generator.errors import ConfigurationError, GeneratorError, UsageError, sentence_of
from generator.files.folders import BUILD, DETECT
from generator.interrupts import INTERRUPTED, tell
from generator.project.config import (
    DEFAULT_THRESHOLD,
    DEVICES,
    EDITIONS,
    OUTPUT_NAMES,
    SiteConfig,
    load_config,
)

if TYPE_CHECKING:
    from generator.build.report import BuildReport

FAILED, WRONG_USAGE = 1, 2
DEFAULT_CONFIG = Path("site_config.yml")
DISTRIBUTION = "detr-attention-handout"
"""What pip calls this program."""
_EDITION_NOTES = {"student": "", "instructor": " (with the answers: not for students)"}

logger = logging.getLogger("generator")


class TypedPath(click.Path):
    """A path in which `~` is the home folder, even if the shell did not expand it."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Makes a `Path` from what was typed."""
        return Path(str(super().convert(value, param, ctx))).expanduser()


config_option = click.option(
    "--config",
    type=TypedPath(),
    default=DEFAULT_CONFIG,
    show_default=True,
    help="The site's configuration.",
)


def leave_out_options(command: Any) -> Any:
    """Adds an option `--no-NAME` for each output, to leave it out of a build."""
    for name in reversed(OUTPUT_NAMES):
        help_text = f"Make no {name}, whatever the configuration says; an earlier one stays."
        command = click.option(f"--no-{name}", is_flag=True, help=help_text)(command)
    return command


def detect_options(command: Any) -> Any:
    """Adds the options of `detect`, in the order in which its help lists them."""
    weights_help = f"A local weights file.  [default: that of `weights:` in {DEFAULT_CONFIG}]"
    options = (
        click.option("--model", default="detr_emoji", show_default=True, help="See `models`."),
        click.option(
            "--threshold",
            type=click.FloatRange(0, 1, True, True),
            default=DEFAULT_THRESHOLD,
            show_default=True,
            help="Show detections whose score is above this.",
        ),
        click.option("--weights", type=TypedPath(), help=weights_help),
        click.option(
            "--device",
            type=click.Choice(DEVICES),
            default="cpu",
            show_default=True,
            help="Where the model runs; auto is the best there is.",
        ),
        click.option("--offline", is_flag=True, help="Download nothing."),
        click.option(
            "--output",
            type=TypedPath(),
            default=Path(BUILD, DETECT),
            show_default=True,
            help="Folder of the figures.",
        ),
        wait_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


def map_options(command: Any) -> Any:
    """Adds the options that choose maps for `export`."""
    options = (
        ("--kind", "decoder_cross", "decoder_cross or decoder_self (of queries), encoder_row or "
         "encoder_column (of points)."),
        ("--layer", (), "From 1, or all; repeatable.  [default: the last]"),
        ("--head", (), "From 1, mean or all; repeatable.  [default: mean]"),
        ("--query", (), "Its id, from 0, or all; repeatable.  [default: those kept]"),
        ("--point", (), "Its number on the page, from 1, or x,y as fractions of width and height; "
         "repeatable.  [default: the page's]"),
    )  # fmt: skip
    for name, default, help_text in reversed(options):
        is_one = isinstance(default, str)
        command = click.option(
            name, multiple=not is_one, default=default, show_default=is_one, help=help_text
        )(command)
    return command


def grading_options(command: Any) -> Any:
    """Adds the limits of `grade`, and which exercise it grades."""
    seconds, megabytes = click.FloatRange(min=1), click.IntRange(min=1000)
    exercise = Path("content/exercises/minimal_detr.py")
    options = (
        ("--time-limit", seconds, 30, "SECONDS", "For the class as a whole, and "
         "again for each answer."),
        ("--memory-limit", megabytes, 2000, "MB", "For a submission with all "
         "processes that it starts."),
        ("--exercise", TypedPath(), exercise, None, "The marked source of the exercise."),
    )  # fmt: skip
    for name, kind, default, metavar, help_text in reversed(options):
        command = click.option(
            name, type=kind, default=default, show_default=True, metavar=metavar, help=help_text
        )(command)
    return command


def build_options(command: Any) -> Any:
    """Adds the options that `build` alone has, in the order in which its help lists them."""
    only_help = "Build only this image; repeatable."
    edition_help = "In place of the configuration's `edition:`."
    jobs_help = "Processes that draw figures.  [default: one a core]"
    force_help = "Publish even if images are lost that were there before."
    cores = os.cpu_count() or 1
    options = (
        click.option("--output", type=TypedPath(), help="Folder to write to.  [default: build]"),
        click.option("--edition", type=click.Choice(EDITIONS), help=edition_help),
        leave_out_options,
        click.option("--only", multiple=True, metavar="SLUG", help=only_help),
        click.option("--offline", is_flag=True, help="Download nothing."),
        click.option("--force", is_flag=True, help=force_help),
        click.option("--strict", is_flag=True, help="Fail when an image had to be left out."),
        click.option("--jobs", type=click.IntRange(min=1), default=cores, help=jobs_help),
        wait_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


def version() -> str:
    """The version of this program: a clone's own, else that of what pip installed.

    In a clone pyproject.toml comes first. What pip noted of an editable install stays as it was
    when the clone is updated, and may be that of another clone.
    """
    import tomllib
    from importlib import metadata

    file = Path(__file__).parents[1] / "pyproject.toml"
    if file.is_file():
        project = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
        if project.get("name") == DISTRIBUTION:
            return str(project["version"])
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return "unknown"


def _tell_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        click.echo(f"{DISTRIBUTION} {version()}")
        context.exit()


version_option = click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_tell_version,
    help="Tell the version and stop.",
)
wait_option = click.option(
    "--wait", is_flag=True, help="Wait for another command that writes to the same folder."
)
verbose_option = click.option("-v", "--verbose", is_flag=True, help="Say more, tracebacks too.")
quiet_option = click.option("-q", "--quiet", is_flag=True, help="Say nothing but what went wrong.")


class Commands(click.Group):
    """Turns errors that are meant for users into text and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command."""
        for stream in (sys.stdout, sys.stderr):
            # A name that the console cannot show is no reason to stop.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            tell()
            ctx.exit(INTERRUPTED)
        except ConfigurationError as error:
            click.echo(f"{error}\n{count(len(error.problems), 'problem')}.", err=True)
            ctx.exit(WRONG_USAGE)
        except GeneratorError as error:
            click.echo(f"Error: {error}", err=True)
            logger.debug("", exc_info=True)
            ctx.exit(WRONG_USAGE if isinstance(error, UsageError) else FAILED)
        except OSError as error:
            if error.errno == errno.EPIPE:  # `| head` closed the pipe; click handles that
                raise
            click.echo(f"Error: {sentence_of(error)}", err=True)
            logger.debug("", exc_info=True)
            ctx.exit(FAILED)


def count(number: int, noun: str) -> str:
    """A number and its noun, "1 image" or "3 images"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def relative(path: Path) -> Path:
    """The path relative to the working folder, if it lies in there."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def set_up_logging(verbose: bool, quiet: bool) -> None:
    """Sends the generator's log to standard error, in more or less detail."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    level = logging.DEBUG if verbose else logging.WARNING if quiet else logging.INFO
    logging.getLogger("generator").setLevel(level)


def summary_of(report: BuildReport) -> str:
    """What a build did, in a few lines."""
    from generator.outputs.all_outputs import OUTPUTS

    lines = [
        "Nothing changed since the last build." if report.is_unchanged else "",
        f"{count(report.count('built'), 'image')} built with "
        f"{count(report.detections, 'detection')}, {report.count('left_out')} left out, "
        f"{report.count('failed')} failed, in {report.seconds:.0f} s.",
    ]
    lines += [
        f"  {'left out' if one.status == 'left_out' else 'failed'}: {one.slug}: {one.reason}"
        for one in report.statuses
        if one.status != "built"
    ]
    for output in OUTPUTS:
        for edition, path in report.of(output.name).items():
            sentence = output.summary.format(path=relative(path))
            lines.append(f"{sentence}{_EDITION_NOTES[edition]}.")
    return "\n".join(lines)


def local_config(config: Path | None = None) -> SiteConfig | None:
    """The settings that are named, or those of the project here, unless they have problems."""
    if config is not None:
        return load_config(config)
    try:
        return load_config(DEFAULT_CONFIG) if DEFAULT_CONFIG.exists() else None
    except ConfigurationError:
        click.echo(f"{DEFAULT_CONFIG} has problems, which `check` tells; it is not used", err=True)
        return None


def local_weights(config: Path | None) -> Mapping[str, Path]:
    """Weights files by model name; the configuration may be missing or have problems."""
    site = local_config(config)
    return {} if site is None else site.weights
