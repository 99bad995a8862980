"""Pixels -> `ForwardPass`, computed once and kept.

In: gallery entries, their images and weights. Out: forward passes, kept under `.cache/`.
Reading them needs no torch.

Read in this order: `sampled_points`, `forward_pass`, `saved_forward_pass`, `causal_tests`, `hub`,
`locate`, `relative_detector`, `detector`, `batches`, `intervene`, `causal_runs`,
`intervene_relative`, `cache`, `runner`.
"""
