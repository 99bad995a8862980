"""Everything that students need for the homework -> one zip file, in which no answer can be read.

In: a project whose student's edition was built. Out: the zip: the exercise, the notebook to hand
in, an example picture, the site, and two wheels. Each file was searched for answers before it is
written.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from generator.detr.zoo import LAB_MODEL
from generator.errors import PageError, UsageError
from generator.exercises.fill_in import downloads
from generator.exercises.homework.notebook import hand_in_notebook
from generator.exercises.homework.right_numbers import right_numbers
from generator.exercises.homework.wheels import check_wheel, small_wheel, zipped
from generator.exercises.notes import Worksheet, accepted_forms, read_worksheets
from generator.files.folders import BUILD, KIT, BuildFolder
from generator.files.images import load_image
from generator.files.owned_folder import held_output
from generator.files.walk import names_below
from generator.files.write import write_if_different
from generator.outputs.output import read_stamp
from generator.outputs.searched import answers_in
from generator.pages.page_store import Files
from generator.project.config import SiteConfig
from generator.project.gallery import GalleryImage, load_project
from generator.project.overlay import CONTENT, content_of, standard_root

NAME = "detr-homework"
_EXERCISE, _OUR_PICTURE = "minimal_detr", "two-elephants.jpg"
_READ_ME = """\
The homework
============

{deadline}hand_in.ipynb     the notebook to fill in, run and hand in: begin here
minimal_detr.py   the exercise of question 1 alone, if you prefer an editor; the same as a notebook
example.png       a picture for trying the notebook out; hand in one of your own
site/index.html   the handout, for your browser; it needs no network
*.whl             what the notebook uses; leave them in this folder

You need Python 3.10 or newer:

    pip install torch torchvision matplotlib pillow jupyter typst {wheel}
    jupyter lab hand_in.ipynb

How far your class is, blank by blank:

    python -m detr_check check minimal_detr.py

The PDF to hand in, from the notebook that you ran and saved:

    python -m detr_check hand-in hand_in.ipynb

Neither needs the network, and neither holds the answers.
"""


def make_kit(config: Path, output: Path | None, *, wait: bool = False) -> str:
    """Writes the kit, and says where it is.

    Args:
        config: site_config.yml.
        output: folder of the zip file; None is `build/kit`.
        wait: for another command that writes there.

    Raises:
        UsageError: there is no student's site, no exercise or no notebook.
        PageError: a file would give an answer away.
        ConfigurationError, ExerciseError, ImageError: the project has problems.
    """
    site, gallery = load_project(config)
    folder = output or site.root / BUILD / KIT
    files = kit_files(site, gallery)
    file = folder / f"{NAME}.zip"
    with held_output(folder, site.root, "`kit`", wait=wait):
        write_if_different(file, zipped({f"{NAME}/{name}": one for name, one in files.items()}))
    size = file.stat().st_size / 1e6
    return f"{file}: {len(files)} files, {size:.1f} MB. No answer was found in any of them."


def kit_files(site: SiteConfig, gallery: tuple[GalleryImage, ...]) -> dict[str, bytes]:
    """What the kit holds, by path.

    Raises:
        UsageError, PageError, ExerciseError, ImageError: as `make_kit` does.
    """
    worksheets = {
        one.exercise.name: one for one in read_worksheets(content_of(site).below("exercises"))
    }
    if _EXERCISE not in worksheets:
        raise UsageError(f"{site.content}/exercises/{_EXERCISE}.py: there is no such exercise")
    pages = _site(BuildFolder.of(site.root))
    own = _own_files(site, worksheets)
    example = _example(site, gallery)
    files = {**own, **example, **{f"site/{name}": one for name, one in pages.items()}}
    _refuse_answers(files, worksheets)
    return files


def _own_files(site: SiteConfig, worksheets: Mapping[str, Worksheet]) -> dict[str, bytes]:
    notebook = hand_in_notebook(site, worksheets, instructor=False)
    if notebook is None:
        raise UsageError(f"{site.content}/homework/hand_in.md: it is missing or empty")
    worksheet = worksheets[_EXERCISE]
    made: Files = downloads([worksheet], instructor=False)
    check, small = check_wheel(right_numbers(worksheet)), small_wheel()
    deadline = site.homework.deadline
    read_me = _READ_ME.format(
        deadline=f"Hand in until {deadline}.\n\n" if deadline else "", wheel=check[0]
    )
    return {
        "README.txt": read_me.encode(),
        "hand_in.ipynb": notebook.encode(),
        **{Path(name).name: text.encode() for name, text in made.items()},
        check[0]: check[1],
        small[0]: small[1],
    }


def _site(folder: BuildFolder) -> dict[str, bytes]:
    """The files of the student's site."""
    edition = read_stamp(folder.stamp("published")).get("site")
    if edition != "student" or not folder.site.is_dir():
        found = "holds the answers" if edition else "is not there"
        raise UsageError(
            f"{folder.site}: the student's site {found}; run `python -m generator build` with "
            "`edition: student` or `both` first"
        )
    return {name: (folder.site / name).read_bytes() for name in names_below(folder.site)}


def _example(site: SiteConfig, gallery: tuple[GalleryImage, ...]) -> dict[str, bytes]:
    """The gallery's first picture for the embedded model, else one of ours, as a PNG.

    Raises:
        UsageError: there is neither.
    """
    own = (one.file for one in gallery if one.model == LAB_MODEL and one.file is not None)
    picture = next(own, standard_root() / CONTENT / "images" / _OUR_PICTURE)
    if not picture.is_file():
        raise UsageError(
            f"{site.gallery}: no picture names the model `{LAB_MODEL}`, and the kit needs one for "
            "students to try the notebook out; add one with a `file:`"
        )
    stream = io.BytesIO()
    pixels = load_image(picture, max_pixels=site.max_pixels)
    Image.fromarray(pixels).save(stream, "PNG", optimize=True)
    return {"example.png": stream.getvalue()}


def _refuse_answers(files: Mapping[str, bytes], worksheets: Mapping[str, Worksheet]) -> None:
    accepted = accepted_forms(tuple(worksheets.values()))
    for name, content in files.items():
        for leak in answers_in(name, content, accepted):
            raise PageError(
                f"{name}: students would read an answer here, `{leak.answer}` of the blank "
                f"`{leak.blank}`; no kit was written"
            )
