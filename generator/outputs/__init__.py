"""Pages and numbers -> what is published, one format per module.

In: the records of a build and its pages. Out: what `OUTPUTS` lists, `website` and `pdf`;
`data_files` and `measures_files`, the numbers as JSON and CSV; and `live`, what pages compute with,
written with the figures of an image. A *picture* is anything that a page embeds: a figure, an
image of the gallery or of the author, or a drawing in SVG.

Read in this order: `output`, `all_outputs`, `website`, `mkdocs_run`, `listed`, `only_listed`,
`linked_files`, `gallery_order`, `gallery_menu`, `not_found`, `open_graph`, `markdown_limit`,
`compiled_theme`, `known_pages`, `search_captions`; `zensical_run`, `zensical_search`,
`broken_links`; `theme`,
`known_clean`, `no_other_host`, `pdf`, `searched`, `categories`, `data_files`, `measures_files`,
`measures_parquet`, `downloads`, `live`; `self_contained`, `tried`, what `detect` writes.
"""
