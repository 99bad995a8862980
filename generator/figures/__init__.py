"""The exercise's figures: data in, matplotlib `Figure` out, one module per kind of figure.

`image` holds the figures of one image, `gallery` those of all of them; `style`, `panels` and
`words` are what they share; `save` writes a figure to a file. Nothing here computes a measure,
and nothing uses pyplot's global state.
"""
