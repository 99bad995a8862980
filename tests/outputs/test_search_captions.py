"""What the search knows of an image's page."""

from types import SimpleNamespace

from material.plugins.search.plugin import SearchIndex

from generator.outputs.search_captions import SearchCaptions


def test_the_search_knows_an_image_by_title_and_caption_alone() -> None:
    index = SearchIndex()
    pages = [
        SimpleNamespace(
            file=SimpleNamespace(src_uri=name),
            url=name.replace(".md", ".html"),
            title="Cats & dogs",
            meta={"search": {"boost": 0.5}},
            content="<h1 id='a'>Cats</h1><p>Long.</p><h2 id='b'>More</h2><p>Longer.</p>",
            toc=[],
        )
        for name in ("gallery/cats.md", "q1.md")
    ]
    plugin = SearchCaptions({"gallery/cats.md": "Two <cats>,\nasleep."})
    search = SimpleNamespace(search_index=index)
    plugin.on_env(None, config=SimpleNamespace(plugins={"material/search": search}))
    for page in pages:
        index.add_entry_from_context(page)
    cats, *others = index.entries
    assert cats == {
        "location": "gallery/cats.html",
        "title": "Cats &amp; dogs",
        "text": "Two &lt;cats&gt;, asleep.",
        "boost": 0.5,
    }
    assert [one["location"] for one in others] == ["q1.html", "q1.html#b"]
