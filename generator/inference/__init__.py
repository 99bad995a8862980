"""Pixels -> `ForwardPass`, once for ever.

In: gallery entries, their images and weights. Out: forward passes, kept under `.cache/`;
whoever reads them needs no torch.

Read in this order: `forward_pass`, `detector`, `cache`, `runner`.
"""
