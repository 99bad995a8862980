"""What a build that was killed has left: removed before the next one begins.

In: the folder of a build. Out: that folder without half-written files, and without a site that
was not published. Some of it may be of another edition, and hold answers.
"""

from __future__ import annotations

import re
import shutil

from generator.files.folders import BuildFolder

_PART = re.compile(r"^\..+\.\d+\.part$")
"""As `files.write` names a file that is not finished."""


def remove_leftovers(folder: BuildFolder) -> None:
    """Removes them; an earlier site that had just lost its place gets it back."""
    for one in (folder, folder.instructor):
        if one.earlier_site.is_dir() and not one.site.exists():
            one.earlier_site.rename(one.site)
        for staged in (one.staged_site, one.earlier_site):
            shutil.rmtree(staged, ignore_errors=True)
    for file in folder.path.rglob(".*.part"):
        if _PART.match(file.name):
            file.unlink()
