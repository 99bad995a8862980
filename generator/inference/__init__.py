"""Pixels -> `ForwardPass`, computed once and kept.

In: gallery entries, their images and weights. Out: forward passes, kept under `.cache/`.
Reading them needs no torch.

Read in this order: `forward_pass`, `causal_tests`, `locate`, `detector`, `batches`, `intervene`,
`cache`, `runner`.
"""
