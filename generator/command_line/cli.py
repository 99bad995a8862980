"""What all commands share: errors as text and exit codes, phrases, logging.

In: what a command raises. Out: text on the terminal and an exit code: 0 done, 1 something
failed, 2 wrong usage or configuration. Errors are printed here and in `__main__` alone.
"""

from __future__ import annotations

import errno
import io
import logging
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from generator.command_line.interrupts import INTERRUPTED, tell
from generator.command_line.options import DEFAULT_CONFIG
from generator.detr.model_cards import ModelCards
from generator.errors import ConfigurationError, GeneratorError, UsageError, sentence_of
from generator.files.folders import BuildFolder
from generator.project.config import SiteConfig, load_config

if TYPE_CHECKING:
    from generator.build.report import BuildReport

FAILED, WRONG_USAGE = 1, 2
DISTRIBUTION = "detr-attention-handout"
"""What pip calls this program."""
_EDITION_NOTES = {"student": "", "instructor": " (with the answers: not for students)"}

logger = logging.getLogger("generator")


def version() -> str:
    """The version of this program: a clone's own, else that of what pip installed.

    In a clone pyproject.toml comes first. What pip noted of an editable install stays as it was
    when the clone is updated, and may be that of another clone.
    """
    import tomllib
    from importlib import metadata

    file = Path(__file__).parents[2] / "pyproject.toml"
    if file.is_file():
        project = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
        if project.get("name") == DISTRIBUTION:
            return str(project["version"])
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return "unknown"


def refuse_beside(name: str, allowed: Collection[str]) -> None:
    """Refuses options of the running command that mean nothing beside another one.

    Args:
        name: of that one, "shard".
        allowed: names of those that do.

    Raises:
        UsageError: names each that was given.
    """
    context = click.get_current_context()
    typed = click.core.ParameterSource.COMMANDLINE
    given = [
        f"`{max(one.opts, key=len)}`"
        for one in context.command.params
        if one.name not in (name, *allowed)
        and context.get_parameter_source(one.name or "") is typed
    ]
    if given:
        raise UsageError(f"--{name}: leave out {', '.join(given)}, which means nothing beside it")


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


def summary_of(report: BuildReport, *, is_part: bool) -> str:
    """What a build did, in a few lines; of a part of the gallery, if `--only` named one."""
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
    if is_part:
        lines.append("The site holds what --only named; without it, the whole gallery.")
    return "\n".join(lines)


def tell_removed(folder: Path, was_there: bool) -> None:
    """Says what became of a folder."""
    click.echo(f"{relative(folder)}: {'removed' if was_there else 'nothing to remove'}")


def with_the_site_before(
    error: GeneratorError, config: Path, output: Path | None
) -> GeneratorError:
    """The error of a build, which also says that a site of an earlier one is still there."""
    before = BuildFolder.of(config.parent, output).site / "index.html"
    if not before.exists():
        return error
    return type(error)(
        f"{error}\n{before} is still the one from before, of the edition built then."
    )


def local_config(config: Path | None = None) -> SiteConfig | None:
    """The settings that are named, or those of the project here, unless they have problems."""
    if config is not None:
        return load_config(config)
    try:
        return load_config(DEFAULT_CONFIG) if DEFAULT_CONFIG.exists() else None
    except ConfigurationError:
        click.echo(f"{DEFAULT_CONFIG} has problems, which `check` tells; it is not used", err=True)
        return None


def local_models(config: Path | None) -> tuple[Mapping[str, Path], ModelCards]:
    """Weights files by model name, and all cards; the configuration may be missing or wrong."""
    site = local_config(config)
    return ({}, ModelCards()) if site is None else (site.weights, site.cards)
