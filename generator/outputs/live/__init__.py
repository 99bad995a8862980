"""What a page computes in the reader's browser: scripts that hold its data.

In: a `ForwardPass`, or the weights of a model that is small enough. Out: scripts below
`docs/attention`, one a layer, and an `Explorer` that tells pages of them; and the embedded model
itself in `docs/assets/live`, with the things of the lab. They are scripts because a page that was
opened from a file may fetch nothing else. Nothing here needs torch.

Read in this order: `shipped_layer`, `shipped_points`, `scripts`, `explorer_place`,
`explorer_scripts`; for the model `network`, `bundle`, `publish`; for the lab `lab_bounds`,
`lab_scripts`.
"""
