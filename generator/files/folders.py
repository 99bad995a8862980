"""Every name below `build/` and `.cache/`: nobody else joins such a path, or takes one apart.

In: a folder. Out: paths in it. Nothing is read or written.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

BUILD, CACHE = "build", ".cache"
"""Where a build writes and keeps things, in the project's folder."""
GRADES = "grades"
"""Where `grade` writes a class's results, in the working folder: what the instructor types into the
table there must outlive `clean`."""
INSTRUCTOR = "instructor"
DETECT, EXPORT, KIT, PUBLISH = "detect", "export", "kit", "publish"
"""Where these commands write in there, unless they are told otherwise."""
NO_PART_OF_A_BUILD = (DETECT, EXPORT, KIT, PUBLISH)
PICTURES = ("images", "figures", "models")
"""The folders of `docs` that hold what was drawn, the same for every edition."""
ATTENTION = "attention"
"""The folder of `docs` with the scripts that explorers load, likewise."""
NOT_FOUND = "404.html"
"""The page of a site that hosts show where there is none."""


@dataclass(frozen=True)
class BuildFolder:
    """What a build writes for one edition; the first edition's is the build's own folder."""

    path: Path

    @classmethod
    def of(cls, project: Path, chosen: Path | None = None) -> BuildFolder:
        """That of a project, by the folder of its site_config.yml, unless another was chosen."""
        return cls((chosen or project / BUILD).resolve())

    @property
    def docs(self) -> Path:
        """The source of the site: pages and pictures."""
        return self.path / "docs"

    @property
    def live(self) -> Path:
        """The scripts in `docs` that the build itself writes for pages that compute."""
        return self.docs / "assets" / "live"

    @property
    def settings(self) -> Path:
        """MkDocs' settings."""
        return self.path / "mkdocs.yml"

    @property
    def site(self) -> Path:
        """The site that is published."""
        return self.path / "site"

    @property
    def staged_site(self) -> Path:
        """A site that is being made; MkDocs and web servers pass over such a name."""
        return self.path / ".site"

    @property
    def zensical(self) -> Path:
        """Where Zensical works; it is removed as soon as it is done."""
        return self.path / ".zensical"

    @property
    def earlier_site(self) -> Path:
        """The site of the build before, for the moment in which they change places."""
        return self.path / ".site.before"

    @property
    def pages_listing(self) -> Path:
        """Which files of `docs` are pages; it tells them from pictures."""
        return self.path / "pages.json"

    @property
    def prints(self) -> Path:
        """The figures once more, drawn for print, in folders as in `docs`."""
        return self.path / "print"

    @property
    def stamps(self) -> Path:
        """What the next build needs to know to do only what changed."""
        return self.path / "stamps"

    @property
    def predictions(self) -> Path:
        """Every detection, in COCO's format."""
        return self.path / "predictions.json"

    @property
    def results(self) -> Path:
        """The same as a bare list, as pycocotools' `loadRes` takes it."""
        return self.path / "results.json"

    @property
    def measures_json(self) -> Path:
        """Every number of Q3, by image, layer and head, and what they come to."""
        return self.path / "measures.json"

    @property
    def measures_csv(self) -> Path:
        """The same numbers as a table."""
        return self.path / "measures.csv"

    @property
    def measures_parquet(self) -> Path:
        """The same table as columns, where pyarrow is installed."""
        return self.path / "measures.parquet"

    @property
    def report(self) -> Path:
        """What became of each entry."""
        return self.path / "report.json"

    @property
    def instructor(self) -> BuildFolder:
        """The instructor's edition, where both are built."""
        return BuildFolder(self.path / INSTRUCTOR)

    def figures(self, name: str) -> Path:
        """The figures of an entry, by its slug, or of the gallery."""
        return self.docs / "figures" / name

    def explorer_folders(self) -> list[Path]:
        """The folders with the scripts of explorers that there are, one an entry."""
        return sorted(self.docs.glob(f"{ATTENTION}/*/"))

    @property
    def lab_things(self) -> Path:
        """The script with the things, the scenes and the colours of the lab."""
        return self.docs / "assets" / "live" / "lab_things.js"

    def image(self, slug: str) -> Path:
        """The published copy of an entry's image."""
        return self.docs / "images" / f"{slug}.webp"

    def thumbnail(self, slug: str) -> Path:
        """The small copy of it, with its detections."""
        return self.docs / "images" / "thumbnails" / f"{slug}.webp"

    def live_model(self, name: str) -> Path:
        """The script that brings a model to the reader's browser."""
        return self.docs / "assets" / "live" / f"{name}.js"

    def live_models(self) -> list[Path]:
        """What an earlier build may have written of these, stamps included."""
        stamps = sorted(self.stamps.glob("live-*.json"))
        return [*stamps, *(self.live_model(one.stem.removeprefix("live-")) for one in stamps)]

    def stamp(self, name: str) -> Path:
        """The stamp of a part of the build that is no entry."""
        return self.stamps / f"{name}.json"

    def page_stamp(self, edition: str, output: str) -> Path:
        """The pages of an edition as they were rendered for an output, their texts included."""
        return self.stamps / f"pages-{edition}-{output}.json"

    def page_stamps(self) -> list[Path]:
        """All of these that there are."""
        return sorted(self.stamps.glob("pages-*.json"))

    def entry_stamp(self, slug: str) -> Path:
        """The record of an entry."""
        return self.stamps / "entries" / f"{slug}.json"

    def figure_folders(self) -> list[Path]:
        """The folders of figures that there are, one an entry and one of the gallery."""
        return sorted(self.docs.glob("figures/*/"))

    def printed_figure_folders(self) -> list[Path]:
        """The same of those that are drawn for print."""
        return sorted(self.prints.glob("figures/*/"))

    def files_of_entries(self) -> list[Path]:
        """The published copies and records of entries that there are, named by their slugs."""
        patterns = ("docs/images/*.webp", "docs/images/thumbnails/*.webp", "stamps/entries/*.json")
        return sorted(file for pattern in patterns for file in self.path.glob(pattern))

    def handout(self, name: str) -> Path:
        """The PDF of a name."""
        return self.path / f"{name}.pdf"

    def handout_sources(self, name: str) -> Path:
        """The folder that a PDF is typeset from."""
        return self.path / name

    def handout_listing(self, name: str) -> Path:
        """Which files of it an earlier build wrote."""
        return self.path / f"{name}-files.json"


@dataclass(frozen=True)
class CacheFolder:
    """What is kept from build to build, whatever becomes of `build/`."""

    path: Path

    @classmethod
    def of(cls, project: Path) -> CacheFolder:
        """That of a project, by the folder of its site_config.yml."""
        return cls(project / CACHE)

    @property
    def own(self) -> tuple[Path, ...]:
        """The folders in it; whatever else is there, no build put there."""
        return (
            self.forward_passes,
            self.causal_tests,
            self.measures,
            self.downloads,
            self.exercises,
        )

    @property
    def forward_passes(self) -> Path:
        """Forward passes, by their key."""
        return self.path / "forward_passes"

    @property
    def causal_tests(self) -> Path:
        """What became of detections when attention was taken away, by their key."""
        return self.path / "causal_tests"

    @property
    def measures(self) -> Path:
        """What was measured on both."""
        return self.path / "measures"

    @property
    def downloads(self) -> Path:
        """Downloaded images, by their address."""
        return self.path / "downloads"

    @property
    def by_key(self) -> tuple[Path, ...]:
        """The folders that grow with each change, and may lose their oldest files."""
        return (self.forward_passes, self.causal_tests, self.measures, self.downloads)

    @property
    def exercises(self) -> Path:
        """What counts as an answer; no student gets this folder."""
        return self.path / "exercises"
