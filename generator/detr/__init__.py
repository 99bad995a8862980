"""DETR: the network, its weights, and the zoo of models that the handout can run.

One part of the paper (arXiv 2005.12872) is one file: `backbone`, `position_encoding`,
`transformer`, `model`. `minimal` is the paper's 50-line version, `zoo` names every
model, `weights` reads checkpoints, `capture` records queries and keys.
"""
