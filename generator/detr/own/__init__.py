"""Models of one's own -> `ModelCard`s, from what lies beside their weights or in them.

In: a folder of transformers, a snapshot of the Hub, a checkpoint of the official training, or a
file in place of one of the zoo's. Out: cards, or a sentence on what cannot be run. No torch.

Read in this order: `resnet_names`, `config_card`, `input_card`, `class_names`, `identity`,
`told_by_shapes`, `cards`, `hub_cache`, `expected_shapes`.
"""
