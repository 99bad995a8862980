"""What pyproject.toml cannot say: that the package ships folders which lie beside it.

`content`, `templates` and what else a new course needs go into the wheel as `generator/standard`.
An editable install finds them where they are (`generator/project/overlay.py`).
"""

import atexit
import shutil
import tempfile
from pathlib import Path

from setuptools import find_packages, setup

SHIPPED = ("content", "templates", "starter")
FILES = ("site_config.yml", "mkdocs.yml")


def is_hidden(path):
    """Whether an editor or a notebook server keeps it for itself."""
    return any(part.startswith(".") for part in path.parts)


here = Path(__file__).parent
shipped = [path.relative_to(here) for one in SHIPPED for path in (here / one).rglob("*")]
files = [path.as_posix() for path in shipped if path.is_file() and not is_hidden(path)]

# What an earlier wheel was made of must not get into this one; and `build` is the handout's.
build_base = tempfile.mkdtemp()
atexit.register(shutil.rmtree, build_base, ignore_errors=True)

setup(
    script_name=str(here / "setup.py"),  # which is no module of `generator.standard`
    packages=[*find_packages(include=["generator*"]), "generator.standard"],
    package_dir={"generator.standard": "."},
    package_data={
        "generator.detr": ["weights/*.safetensors", "weights/*.json"],
        "generator.training": ["NOTICE"],
        "generator.exercises.gradebook": ["*.j2"],
        "generator.exercises.homework.detr_check": ["*.typ"],
        "generator.standard": [*FILES, *(file for file in files if "__pycache__" not in file)],
    },
    include_package_data=False,
    options={"build": {"build_base": build_base}},
)
