"""What became of detections when attention was taken away: plans before, numbers after.

In: a `ForwardPass`; later the `CausalTests` that were made by its plan. Out: a `CausalPlan`; later
`Measurement`s. The network itself runs in `inference.intervene`.

Read in this order: `plan`, `knock_out`, `ablation`, `deletion`, `shuffling`, `measure`.
"""
