"""The options of the commands, in the order in which their help lists them.

In: nothing. Out: decorators for the commands of `__main__`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from generator.files.folders import BUILD, DETECT, GRADES
from generator.project.config import DEFAULT_THRESHOLD, DEVICES, EDITIONS, OUTPUT_NAMES

DEFAULT_CONFIG = Path("site_config.yml")


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


models_option = click.option(
    "--config",
    type=TypedPath(),
    help=f"Tell of its `weights:`, too.  [default: {DEFAULT_CONFIG}, if there is one]",
)
wait_option = click.option(
    "--wait", is_flag=True, help="Wait for another command that writes to the same folder."
)
verbose_option = click.option("-v", "--verbose", is_flag=True, help="Say more, tracebacks too.")
quiet_option = click.option("-q", "--quiet", is_flag=True, help="Say nothing but what went wrong.")


def leave_out_options(command: Any) -> Any:
    """Adds an option `--no-NAME` for each output, to leave it out of a build."""
    for name in reversed(OUTPUT_NAMES):
        help_text = f"Make no {name}, whatever the configuration says; an earlier one stays."
        command = click.option(f"--no-{name}", is_flag=True, help=help_text)(command)
    return command


def detect_options(command: Any) -> Any:
    """Adds the options of `detect`, in the order in which its help lists them."""
    weights_help = f"A local weights file.  [default: that of `weights:` in {DEFAULT_CONFIG}]"
    points_help = (
        "A point whose encoder attention is shown, as fractions of width and height (0.25,0.5) or "
        "in pixels (160,240); repeatable.  [default: where something was found]"
    )
    report_help = "Also write a report of each image, as one HTML file and as PDF."
    options = (
        click.option("--model", default="detr_emoji", show_default=True, help="See `models`."),
        click.option(
            "--threshold",
            type=click.FloatRange(0, 1, True, True),
            default=DEFAULT_THRESHOLD,
            show_default=True,
            help="Show detections whose score is above this.",
        ),
        click.option("--points", multiple=True, metavar="X,Y", help=points_help),
        click.option("--json", "as_json", is_flag=True, help="Write JSON instead of tables."),
        click.option("--report", is_flag=True, help=report_help),
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


def add_options(command: Any) -> Any:
    """Adds what `add` lets an author say of the new images."""
    options = (
        ("--title", "Of its page.  [default: from the name of the file]"),
        ("--caption", "What the page says below the heading."),
        ("--alt", "What is to be seen, for those who cannot see it."),
        ("--credit", "Whose picture it is."),
        ("--model", "In place of the site's own; see `models`."),
        ("--name", "Of the copy, and in addresses.  [default: from the name of the file]"),
    )
    command = wait_option(command)
    dry_help = "Say what would be added, and write nothing."
    command = click.option("--dry-run", is_flag=True, help=dry_help)(command)
    for name, help_text in reversed(options):
        command = click.option(name, default="", help=help_text)(command)
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
    """Adds what `grade` has: of a class, the limits, and which exercise it grades."""
    seconds, megabytes = click.FloatRange(min=1), click.IntRange(min=1000)
    exercise = Path("content/exercises/minimal_detr.py")
    roster_help = "The class: a CSV file with columns such as id, name and email."
    output_help = f"Folder of the table and the feedback of a class.  [default: {GRADES}]"
    options = (
        click.option("--roster", type=TypedPath(), help=roster_help),
        click.option("--output", type=TypedPath(), help=output_help),
        click.option("--answers", is_flag=True, help="Tell students the answers that they lack."),
        click.option(
            "--jobs",
            type=click.IntRange(min=1),
            default=os.cpu_count() or 1,
            help="Submissions that are graded at once.  [default: one a core]",
        ),
    )
    limits = (
        ("--time-limit", seconds, 30, "SECONDS", "For the class as a whole, and "
         "again for each answer."),
        ("--memory-limit", megabytes, 2000, "MB", "For a submission with all "
         "processes that it starts."),
        ("--exercise", TypedPath(), exercise, None, "The marked source of the exercise."),
    )  # fmt: skip
    command = wait_option(command)
    for name, kind, default, metavar, help_text in reversed(limits):
        command = click.option(
            name, type=kind, default=default, show_default=True, metavar=metavar, help=help_text
        )(command)
    for option in reversed(options):
        command = option(command)
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
        *_scale_options(),
        wait_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


def _scale_options() -> tuple[Any, ...]:
    """Those for work on several machines: docs/scale.md."""
    executor_help = "What works: processes, dask:ADDRESS or ray:ADDRESS.  [default: processes]"
    store_help = "A cache in object storage that machines share, such as s3://bucket/course."
    shard_help = (
        "Run and measure only this part, 3/10 or, in an array of Slurm, /10; publish nothing."
    )
    return (
        click.option("--executor", default="processes", metavar="WHAT", help=executor_help),
        click.option("--store", default="", metavar="ADDRESS", help=store_help),
        click.option("--shard", default="", metavar="I/N", help=shard_help),
    )
