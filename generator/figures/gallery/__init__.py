"""Charts of the measurements over the gallery, for Q3: summaries in, `Figure`s out.

One module per kind of figure: `spread`, `lift`, `duplicates`, `heads`, `query_places`,
`query_map`, `causal`. `gallery_set` lists them, `gallery_data` is what they are drawn from,
`charts` lays them out, `lines` draws a number by layer.
"""
