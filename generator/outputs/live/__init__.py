"""What a page computes in the reader's browser: scripts that hold its data.

In: a `ForwardPass`. Out: scripts below `docs/attention`, one a layer, and an `Explorer` that tells
pages of them. They are scripts because a page that was opened from a file may fetch nothing else.

Read in this order: `shipped_layer`, `scripts`, `explorer_place`,
`explorer_scripts`.
"""
