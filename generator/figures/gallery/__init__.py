"""Charts of what was measured over the gallery, for Q3: summaries in, `Figure`s out.

One file a kind of figure; `charts` lays them out, `lines` draws a number by layer.
"""
