"""The exercise's figures: data in, matplotlib `Figure` out, one module per kind of figure.

`image` holds the figures of one image, `gallery` those of all of them, `training` and `limits`
those of a model, `lab` the prepared scenes of the lab; `style`, `colours`, `panels`, `tiles` and
`words` are what they share. `redraw` draws the figures that changed, `save` writes one to a file,
and `figure_file` is what is known of it. Nothing here computes a measure, and nothing uses pyplot's
global state.
"""
