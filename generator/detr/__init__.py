"""DETR: the network, its weights, and the zoo of models that the handout can run.

One part of the paper (arXiv 2005.12872) is one file: `backbone`, `position_encoding`,
`transformer`, `model`; `architecture` holds the numbers that they are built from. `minimal` is
the paper's 50-line version. `zoo` names every model that is known, `own` makes cards of others,
and `model_cards` has both; `coco` names the classes. `checkpoint`, `plain_tensors`, `weights` and
`hugging_face` read checkpoints in the `formats` that there are. `preprocessing` prepares images
as `imagenet` asks for, `precision` says what is computed with, `capture` records queries and
keys, `receptive_field` says where a cell looks, and `profiler` fills a `model_profile`.
`interventions` takes attention away; `relevance` and `similarity` are what is compared then.
`relatives` are other models, through transformers.
"""
