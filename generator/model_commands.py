"""The command `models`: the list of all models, and `inspect`, which says what a file or folder is.

In: arguments. Out: text on the terminal. `__main__` adds it to the others; slow modules are
imported when they are needed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from generator.command_line.cli import FAILED, local_models, set_up_logging
from generator.command_line.options import models_option
from generator.project.models import BASES


@click.group(invoke_without_command=True)
@models_option
@click.pass_context
def models(context: click.Context, config: Path | None) -> None:
    """Lists the models, and whether their weights are on this machine.

    shipped: comes with this program. own, hub: a model that `models:` in site_config.yml names.
    local: a file that its `weights:` names. here: was downloaded before. damaged: so it was, but
    not all of it is there, or something else is. to download: by the first command that needs it.
    missing: should be shipped, and is not there.

    `models inspect` says what a file, a folder or a model of the Hub is.
    """
    if context.invoked_subcommand is not None:
        return
    from generator.models import model_lines

    for line in model_lines(*local_models(config)):
        click.echo(line)


@models.command()
@click.argument("what", metavar="PATH|NAME|OWNER/NAME")
@click.option("--revision", help="Of a model of the Hub.  [default: main]")
@click.option("--base", type=click.Choice(BASES), help="For a checkpoint: what it was made from.")
@click.option("--offline", is_flag=True, help="Download nothing.")
@click.pass_context
def inspect(
    context: click.Context, what: str, revision: str | None, base: str | None, offline: bool
) -> None:
    """Says what a model is, what its classes are, what fits and what does not; nothing runs.

    Of a model of the Hub no more is downloaded than that takes. The exit code is 1 if it cannot be
    run.
    """
    set_up_logging(verbose=False, quiet=False)
    from generator.inspect_model import Wanted, inspect_lines

    config = context.parent.params["config"] if context.parent else None
    local, cards = local_models(config)
    lines, is_well = inspect_lines(Wanted(what, revision, base, offline), cards, local)
    for line in lines:
        click.echo(line)
    if not is_well:
        sys.exit(FAILED)
