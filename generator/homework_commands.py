"""The commands of the homework: `kit`, and `hand-in`.

In: arguments. Out: text on the terminal and an exit code.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from generator.command_line.cli import FAILED, set_up_logging
from generator.command_line.options import TypedPath, config_option, quiet_option, wait_option


@click.command()
@config_option
@click.option("--output", type=TypedPath(), help="Folder of the zip file.  [default: build/kit]")
@wait_option
def kit(config: Path, output: Path | None, wait: bool) -> None:
    """Writes one zip file with everything that students need for the homework.

    The exercise, the notebook to hand in, the student's site of the last build, the embedded
    model, and a package that checks an answer without holding it. Every file is searched for
    answers.
    """
    set_up_logging(verbose=False, quiet=False)
    from generator.kit import make_kit

    click.echo(make_kit(config, output, wait=wait))


@click.command("hand-in")
@click.argument("sources", nargs=-1, required=True, type=TypedPath(), metavar="NOTEBOOK|FOLDER...")
@click.option("--output", type=TypedPath(), help="Folder of the PDFs.  [default: the notebook's]")
@click.option(
    "--exercise",
    type=TypedPath(),
    default=Path("content/exercises/minimal_detr.py"),
    show_default=True,
    help="The marked source of the exercise.",
)
@quiet_option
def hand_in(sources: tuple[Path, ...], output: Path | None, exercise: Path, quiet: bool) -> None:
    """Makes the PDF to hand in of each notebook: name, class, verdicts, figures and words.

    The class is judged as by `grade`, in the same confinement. Students make the same PDF with
    `python -m detr_check hand-in`, which comes with the kit. The exit code is 1 if a notebook
    cannot be read.
    """
    set_up_logging(verbose=False, quiet=quiet)
    from generator.hand_in import hand_in as run

    failed = False
    for one in run(sources, exercise, output):
        click.echo(f"Error: {one.line}" if one.failed else one.line, err=one.failed)
        failed |= one.failed
    if failed:
        sys.exit(FAILED)
