"""The command line: `python -m generator`.

In: arguments. Out: text on the terminal and an exit code. Each command imports the slow
modules that it needs.
"""

from __future__ import annotations

from generator.command_line.interrupts import end_soon  # first: all that follows takes a while

# isort: split
import logging
import sys
from pathlib import Path
from typing import Any

import click

from generator.author_commands import AUTHOR_COMMANDS
from generator.command_line.cli import (
    FAILED,
    Commands,
    count,
    local_config,
    refuse_beside,
    relative,
    set_up_logging,
    summary_of,
    tell_removed,
    version_option,
    with_the_site_before,
)
from generator.command_line.options import (
    TypedPath,
    build_options,
    config_option,
    detect_options,
    grading_options,
    map_options,
    quiet_option,
    verbose_option,
    wait_option,
)
from generator.errors import PageError, UsageError, WebsiteError
from generator.files.folders import BUILD, CACHE, EXPORT, GRADES, CacheFolder
from generator.files.memory import search_seldom
from generator.files.owned_folder import remove_cache, remove_output
from generator.homework_commands import hand_in, kit
from generator.model_commands import models
from generator.project.config import OUTPUT_NAMES, Edition
from generator.project.overlay import own_or_ours

logger = logging.getLogger("generator")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@version_option
def main() -> None:
    """Runs DETR over your images and turns what it measures into a course handout."""


@main.command()
@config_option
@build_options
@verbose_option
@quiet_option
def build(
    config: Path,
    output: Path | None,
    edition: Edition | None,
    only: tuple[str, ...],
    offline: bool,
    force: bool,
    strict: bool,
    jobs: int,
    executor: str,
    store: str,
    shard: str,
    wait: bool,
    verbose: bool,
    quiet: bool,
    **left_out: bool,
) -> None:
    """Runs DETR over the gallery and builds the site and the PDF.

    Images whose file or model cannot be downloaded are left out, with a notice. The exit
    code is 0 when everything else was built, 1 when an image failed or nothing was built, 2
    when the configuration has problems. What was published before stays if nothing was built,
    or if more images would be lost than gained; --force replaces it all the same.
    """
    set_up_logging(verbose, quiet)
    if shard:
        from generator.build.shard import run_shard

        refuse_beside("shard", ("config", "store", "offline", "only", "strict", "verbose", "quiet"))
        line, is_well = run_shard(config, shard, store, offline=offline, only=only, strict=strict)
        if not quiet:
            click.echo(line)
        if not is_well:
            sys.exit(FAILED)
        return
    from generator.build.recipe import BuildOptions
    from generator.build.recipe import build as run

    leave_out = {output for output in OUTPUT_NAMES if left_out[f"no_{output}"]}
    try:
        report = run(
            BuildOptions(
                config,
                output,
                only,
                offline,
                jobs,
                edition,
                leave_out,
                wait,
                force,
                executor,
                store,
            )
        )
    except (PageError, WebsiteError) as error:
        raise with_the_site_before(error, config, output) from error
    if not quiet:
        click.echo(summary_of(report, is_part=bool(only)))
    lost = report.count("failed") or (strict and report.count("left_out"))
    if lost or not report.count("built"):
        sys.exit(FAILED)


@main.command()
@config_option
def check(config: Path) -> None:
    """Validates settings, gallery, prose and images; runs and downloads nothing."""
    from generator.check import check_project

    site, entries = check_project(config)
    click.echo(f"{config} and {relative(site.gallery)} are fine: {count(len(entries), 'image')}.")


@main.command()
@click.argument("images", nargs=-1, required=True, type=TypedPath(), metavar="IMAGE...")
@detect_options
@verbose_option
def detect(
    images: tuple[Path, ...],
    model: str,
    threshold: float,
    points: tuple[str, ...],
    as_json: bool,
    report: bool,
    weights: Path | None,
    device: str,
    offline: bool,
    output: Path,
    wait: bool,
    verbose: bool,
) -> None:
    """Runs DETR over your own images: what it finds, shapes, maps at points, measures, figures.

    Nothing is added to the gallery, and no site is built. Of the project in this folder, if there
    is one, `models:`, `weights:`, `precision:`, `max_pixels:` and `templates:` count. The exit code
    is 1 if an image could not be run over; the others were.
    """
    set_up_logging(verbose, quiet=False)
    from generator.detect import TryOut, Wishes
    from generator.inference.hub import with_hub_models

    site = local_config()
    wishes = Wishes(points, as_json, report)
    if site is not None:
        site = with_hub_models(site, [model], offline=offline)
        weights = weights or site.weights.get(model)
        wishes = Wishes(
            points, as_json, report, site.templates, site.max_pixels, site.cards, site.precision
        )
    with TryOut(
        model, threshold, weights, device, output, offline=offline, wait=wait, wishes=wishes
    ) as try_out:
        if not try_out.run_all(images, click.echo):
            sys.exit(FAILED)


@main.command()
@click.argument("slug")
@map_options
@config_option
@click.option("--offline", is_flag=True, help="Download nothing.")
@click.option("--output", type=TypedPath(), help="Folder of the maps.  [default: build/export]")
@wait_option
@verbose_option
def export(
    slug: str,
    config: Path,
    offline: bool,
    output: Path | None,
    wait: bool,
    verbose: bool,
    **choice: Any,
) -> None:
    """Writes attention maps of an image of the gallery as .npy, .csv and .png.

    SLUG is the name of the image's page. The arrays hold weights, cell by cell: the sum of a row
    or of a query's map is 1. The PNG is as large as the image, so that it can be laid over it.
    The model runs only if it never ran over this image.
    """
    set_up_logging(verbose, quiet=False)
    from generator.export import Request
    from generator.export import export as run

    several = {f"{name}s": choice[name] for name in ("layer", "head", "point")}
    request = Request(choice["kind"], queries=choice["query"], **several)
    folder = output or config.parent / BUILD / EXPORT
    click.echo(run(config, slug, request, folder, offline=offline, wait=wait))


@main.command()
@click.argument("paths", nargs=-1, required=True, type=TypedPath(), metavar="FILE|FOLDER|ZIP...")
@click.option("--json", "as_json", is_flag=True, help="Write a JSON list instead of tables.")
@grading_options
@quiet_option
def grade(
    paths: tuple[Path, ...],
    as_json: bool,
    roster: Path | None,
    output: Path | None,
    answers: bool,
    jobs: int,
    time_limit: float,
    memory_limit: int,
    exercise: Path,
    wait: bool,
    quiet: bool,
) -> None:
    """Grades submissions of the exercise: .py files and notebooks.

    A class that equals the solution on shared weights gets all points, however it is written.
    Otherwise each blank is judged by what the class shows of it. The exit code is 0 if all
    submissions pass, else 1; of a class, 0 if everything could be read and graded.

    A folder, a zip file, --roster or --output makes it a class: --output gets a table, a page for
    each student and one about the class, and what has not changed is not graded again.

    Each submission runs in a process of its own, under limits. On Linux that process sees Python
    and two empty folders, and no network. Where it does not hold, the command says so: grade what
    strangers hand in on a machine that holds nothing of value there.
    """
    set_up_logging(verbose=False, quiet=quiet)
    from generator.exercises.gradebook.command import is_a_class, say_class, say_files
    from generator.exercises.gradebook.run import Class, Request, grade_class
    from generator.exercises.grading.workers import Limits

    request = Request(paths, own_or_ours(exercise), Limits(time_limit, memory_limit), jobs)
    if not (roster or output or is_a_class(request)):
        is_well = say_files(request, click.echo, as_json=as_json)
    elif as_json:
        raise UsageError("--json is for files; a class has grades.jsonl in the folder of --output")
    else:
        folder = output or Path(GRADES)
        outcome = grade_class(request, Class(folder, roster, answers, wait))
        is_well = say_class(outcome, folder, click.echo)
    if not is_well:
        sys.exit(FAILED)


@main.command()
@config_option
@click.option("--output", type=TypedPath(), help="Folder that was built into.  [default: build]")
@click.option("--cache", is_flag=True, help=f"{CACHE}, too: all results and downloaded images.")
@wait_option
def clean(config: Path, output: Path | None, cache: bool, wait: bool) -> None:
    """Removes what `build`, `detect` and `export` wrote, and only folders marked as theirs."""
    root = config.parent.resolve() if config.is_file() else None
    if root is None and (cache or output is None):
        raise UsageError(
            f"{config}: there is no such file; go to the folder of the project, or name its "
            "configuration with --config"
        )
    folder = output or Path(root or "", BUILD)
    tell_removed(folder, remove_output(folder, root, wait=wait))
    if cache and root is not None:
        tell_removed(CacheFolder.of(root).path, remove_cache(root))


for one in (*AUTHOR_COMMANDS, kit, hand_in, models):
    main.add_command(one)


def run() -> None:
    """The command line of a process of its own."""
    search_seldom()
    end_soon()
    main(prog_name=None if sys.argv[0].endswith("detr-handout") else "python -m generator")


if __name__ == "__main__":
    run()
