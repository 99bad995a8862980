"""Copies one text or template of ours into a project, for its author to edit.

In: a name such as `q3.md`. Out: the copy, and a note of which version of ours it was made from.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from generator.course.overrides import forget_copy, note_copy, ours, own_place, read_record_of
from generator.errors import UsageError
from generator.files.fingerprint import sha256_of
from generator.files.write import replace_file
from generator.project.config import SiteConfig, load_config
from generator.project.overlay import CONTENT, TEMPLATES
from generator.project.suggest import did_you_mean
from generator.project.yaml_source import displayed


def eject(config: Path, name: str, *, seen: bool = False) -> str:
    """Copies a file, and returns what is to be said of it.

    Args:
        seen: keep the project's version, and note that it was compared with ours of now.

    Raises:
        UsageError: there is no such file of ours, or the project has its own version already.
        ConfigurationError: the settings have problems.
    """
    site, known = load_config(config), ours()
    if seen and (gone := _noted_name(name, site.root)) and gone not in known:
        forget_copy(site.root, gone)
        return f"{gone}: there is no such file of ours any more; `check` no longer asks about it."
    full = _full_name(name, known)
    names = [full, *_belong_together(full, known)]
    place = own_place(site, full)
    if seen:
        return _noted(site, full, place, known[full])
    if place.is_file():
        if place.samefile(known[full]):
            raise UsageError(f"{displayed(place)}: is ours and yours at once: edit it as it is")
        raise UsageError(
            f"{displayed(place)}: is your own version already, and is kept. Ours is "
            f"{known[full]}; `eject --seen {name}` notes that you compared them"
        )
    for one in names:
        to = own_place(site, one)
        if not to.exists():
            replace_file(to, known[one].read_bytes())
            note_copy(site.root, one, sha256_of(known[one]))
    told = f"{displayed(place)} takes the place of ours; edit it. `check` tells when ours changes."
    if not site.standard_texts:
        told += " (`standard_texts:` is off: of all others, too, your project needs its own.)"
    return told


def _noted(site: SiteConfig, name: str, place: Path, original: Path) -> str:
    if not place.is_file():
        raise UsageError(f"{displayed(place)}: is not there; `eject` without --seen copies ours")
    note_copy(site.root, name, sha256_of(original))
    return f"{displayed(place)} is noted as compared with ours of now."


def _noted_name(name: str, root: Path) -> str:
    """The name as it was noted, with or without its folder; "" if it was not."""
    noted = read_record_of(root)
    candidates = (name, f"{CONTENT}/{name}", f"{TEMPLATES}/{name}")
    return next((one for one in candidates if one in noted), "")


def _full_name(name: str, known: dict[str, Path]) -> str:
    """The name of ours that is meant: with or without its folder, as long as it is one."""
    wanted = PurePosixPath(name.replace("\\", "/")).as_posix()
    for candidate in (wanted, f"{CONTENT}/{wanted}", f"{TEMPLATES}/{wanted}"):
        if candidate in known:
            return candidate
    ending = [one for one in known if one.endswith(f"/{wanted}")]
    if len(ending) == 1:
        return ending[0]
    if ending:
        raise UsageError(f"{name}: could be {' or '.join(ending)}; say which")
    short = {one.partition("/")[2]: one for one in known}
    raise UsageError(f"{name}: there is no such text or template{did_you_mean(wanted, short)}")


def _belong_together(name: str, known: dict[str, Path]) -> list[str]:
    """What has to lie beside a copy: pandoc's filters load each other from their own folder."""
    folder, _, file = name.rpartition("/")
    if not file.endswith(".lua"):
        return []
    return [one for one in known if one.startswith(f"{folder}/") and one.endswith(".lua")]
