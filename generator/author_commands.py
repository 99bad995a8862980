"""The commands of somebody who makes a course: `new`, `eject`.

In: arguments. Out: text on the terminal. `__main__` adds them to the others; each imports the slow
modules that it needs.
"""

from __future__ import annotations

from pathlib import Path

import click

from generator.cli import version
from generator.options import TypedPath, config_option


@click.command()
@click.argument("folder", type=TypedPath())
def new(folder: Path) -> None:
    """Starts a course in FOLDER: settings, a small gallery, and what publishes it.

    Texts and templates stay in the program: what the course lacks is taken from there, and is
    updated with it. `eject` copies one for you to edit.
    """
    from generator.new import new as run

    click.echo(run(folder, version()))


@click.command()
@click.argument("name")
@config_option
@click.option("--seen", is_flag=True, help="Note that your version was compared with ours of now.")
def eject(name: str, config: Path, seen: bool) -> None:
    """Copies a text or template of ours, such as q3.md or image.md.j2, for you to edit.

    Your version takes the place of ours. When ours changes with an update of the program, `check`
    tells, and --seen says that you took over what you wanted.
    """
    from generator.eject import eject as run

    click.echo(run(config, name, seen=seen))


AUTHOR_COMMANDS = (new, eject)
