"""Lets Zensical's search say no more of an image's page than its title and caption.

In: the site that Zensical made, and the captions of the images, by the files of their pages. Out: a
smaller index, in the two files that it writes. With MkDocs `search_captions` does the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path

_PLAIN, _SCRIPT = "search.json", "search.js"
_BEGINS, _ENDS = "var __index = ", ";"


def shorten_search(site: Path, captions: Mapping[str, str]) -> None:
    """Takes what is below the title of an image's page out of the index.

    Args:
        captions: by file in `docs`, "gallery/cats.md".
    """
    file = site / _PLAIN
    if not file.is_file():
        return
    said = {f"{name.removesuffix('.md')}.html": text for name, text in captions.items()}
    index = json.loads(file.read_text(encoding="utf-8"))
    items, known = [], set()
    for item in index["items"]:
        page = str(item["location"]).partition("#")[0]
        if page not in said:
            items.append(item)
        elif page not in known:
            known.add(page)
            caption = " ".join(escape(said[page], quote=False).split())
            items.append({**item, "location": page, "text": f"<p>{caption}</p>" if caption else ""})
    text = json.dumps({**index, "items": items}, ensure_ascii=False, separators=(",", ":"))
    file.write_text(text, encoding="utf-8")
    (site / _SCRIPT).write_text(f"{_BEGINS}{text}{_ENDS}", encoding="utf-8")
