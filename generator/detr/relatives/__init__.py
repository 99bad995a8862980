"""Relatives of DETR, which run through the package transformers: an optional extra.

`architecture` says which there are and what is known of one without running it; no torch there.
`load` builds one with its weights. `run` is a forward pass: `recorded` keeps queries and keys,
sampling points and shapes, `answers` reads classes and boxes after every layer, `work` counts.
`replay` runs one again with attention taken away: `parts` says where its attentions are, `changed`
changes them, `cells` finds the cells of points, `relevance` takes gradients.
"""
