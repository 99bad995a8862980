"""Training and evaluating `detr_emoji`, the embedded model, on composed scenes.

Needs the extra `[training]`. Nothing outside this package imports it: a build only reads
the weights that it writes to `generator/detr/weights`.

Read in this order: `recipe`, `glyphs`, `backgrounds`, `scenes`, `data`, `network`, `matcher`,
`loss`, `train`, `metrics`, `attention_quality`, `evaluate`, `ship`, `shipped_scenes`,
`lab_sprites`.
"""
