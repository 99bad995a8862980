"""All measurements as columns, for programs that read large tables: `measures.parquet`.

In: the measurements of each image. Out: a file, the same rows and columns as `measures.csv`, which
are null where that is empty. It needs pyarrow; without it there is no such file. Rows are written
some images at a time, as a table of all would take the memory twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any, BinaryIO

from generator.measures.mechanisms import CONTROLS
from generator.measures.summary import ImageMeasures

PACKAGE = "pyarrow"
IMAGES_A_GROUP = 100
_NAMES = ("slug", "model", "measure", "mechanism")


def has_parquet() -> bool:
    """Whether the package that writes it is installed."""
    return find_spec(PACKAGE) is not None


def write_parquet(images: Sequence[ImageMeasures], stream: BinaryIO) -> None:
    """Writes the content of `measures.parquet`; values are in full precision."""
    import pyarrow
    import pyarrow.parquet

    names = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
    schema = pyarrow.schema(
        [
            *((name, names) for name in _NAMES),
            ("layer", pyarrow.int32()),
            ("head", pyarrow.int32()),
            ("value", pyarrow.float64()),
            ("count", pyarrow.int32()),
            *((f"control_{name}", pyarrow.float64()) for name in sorted(CONTROLS)),
        ]
    )
    with pyarrow.parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
        for start in range(0, len(images), IMAGES_A_GROUP):
            columns = _columns(images[start : start + IMAGES_A_GROUP])
            writer.write_table(pyarrow.table(columns, schema=schema))


def _columns(images: Sequence[ImageMeasures]) -> dict[str, list[Any]]:
    """The columns by name."""
    rows = [(image, one) for image in images for one in image.measurements]
    controls = [dict(one.controls) for _, one in rows]
    columns: dict[str, list[Any]] = {
        "slug": [image.slug for image, _ in rows],
        "model": [image.model for image, _ in rows],
    }
    for name in ("measure", "mechanism", "layer", "head", "value", "count"):
        columns[name] = [getattr(one, name) for _, one in rows]
    for name in sorted(CONTROLS):
        columns[f"control_{name}"] = [of.get(name) for of in controls]
    return columns
