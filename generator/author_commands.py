"""The commands of somebody who makes a course: `new`, `add`, `eject`, `serve`, `publish`.

In: arguments. Out: text on the terminal. `__main__` adds them to the others; each imports the slow
modules that it needs.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from generator.command_line.cli import set_up_logging, version
from generator.command_line.options import (
    TypedPath,
    add_options,
    config_option,
    verbose_option,
    wait_option,
)
from generator.project.config import EDITIONS, Edition


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


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="IMAGE|URL|FOLDER...")
@add_options
@config_option
def add(sources: tuple[str, ...], config: Path, dry_run: bool, wait: bool, **wishes: str) -> None:
    """Adds pictures to the gallery: copies without EXIF, and entries in gallery.yml.

    Copies go into content/images, upright, under names that addresses can have. New images come
    last; no other line changes. All of it passes `check`, or nothing is changed. A picture that is
    there already for the same model is left out.
    """
    set_up_logging(verbose=False, quiet=False)
    from generator.add import Wishes
    from generator.add import add as run

    click.echo(run(config, sources, Wishes(**wishes), dry_run=dry_run, wait=wait))


@click.command()
@config_option
@click.option("--edition", type=click.Choice(EDITIONS), help="In place of `edition:`.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True,
              help="Of the address; the next one that is free.")  # fmt: skip
@click.option("--open", "is_opened", is_flag=True, help="Open it in the browser.")
@click.option("--offline", is_flag=True, help="Download nothing.")
@verbose_option
def serve(
    config: Path, edition: Edition | None, port: int, is_opened: bool, offline: bool, verbose: bool
) -> None:
    """Shows the site in your browser, and builds what changed whenever you save.

    No other computer can reach it. A mistake is told here and on the page, which stays as it was.
    The PDF is left to `build`. --edition instructor removes the student's site and PDF, as `build`
    does.
    """
    set_up_logging(verbose, quiet=False)
    import webbrowser

    from generator.serve import Wishes
    from generator.serve import serve as run

    wishes = Wishes(edition, port, offline, jobs=os.cpu_count() or 1)
    run(config, wishes, click.echo, webbrowser.open if is_opened else lambda _: None)


@click.command()
@config_option
@click.option("--zip", "zip_file", is_flag=True, help="As one file, for Moodle or Canvas.")
@click.option("--to", "branch", default="", metavar="BRANCH", help="As a branch, e.g. gh-pages.")
@click.option("--output", type=TypedPath(), help="Of the zip.  [default: build/publish/site.zip]")
@click.option("--remote", default="origin", show_default=True, help="Push the branch there.")
@click.option("--no-push", is_flag=True, help="Leave the branch in this repository.")
@click.option("--edition", type=click.Choice(("student", "instructor")), default="student",
              show_default=True, help="The one with the answers has to be named.")  # fmt: skip
@click.option("--offline", is_flag=True, help="Download nothing.")
@wait_option
def publish(config: Path, no_push: bool, remote: str, **wishes: Any) -> None:
    """Builds the site and publishes it: --zip as one file, --to gh-pages as a branch.

    The branch holds the site alone. What is checked out is not touched.
    """
    set_up_logging(verbose=False, quiet=False)
    from generator.publish import Wishes
    from generator.publish import publish as run

    jobs = os.cpu_count() or 1
    for line in run(config, Wishes(remote="" if no_push else remote, jobs=jobs, **wishes)):
        click.echo(line)


AUTHOR_COMMANDS = (new, add, eject, serve, publish)
