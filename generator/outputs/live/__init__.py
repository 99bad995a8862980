"""What a page computes in the reader's browser: scripts that hold its data.

In: a `ForwardPass`, or the weights of a model with a small backbone, as they ship. Out: scripts
below `docs/attention`, one a layer, and an `Explorer` that tells pages of them; and scripts that a
page loads when the reader presses "Start". They are scripts because a page that was opened from a
file may fetch nothing else. Nothing here needs torch.

Read in this order: `network`, `bundle`, `lab_bounds`, `lab_scripts`, `shipped_layer`, `scripts`,
`explorer_place`, `explorer_scripts`.
"""
