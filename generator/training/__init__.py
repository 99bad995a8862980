"""Training and evaluating `detr_emoji`, the embedded model, on composed scenes.

Needs the extra `[training]`. Nothing outside this package imports it: a build only reads
the weights that it writes to `generator/detr/weights`.

Read in this order: `vocabulary`, `sprites`, `families`, `backgrounds`, `effects`, `scenes`,
`recipe`, `data`, `network`, `matcher`, `loss`, `optimizer`, `kept`, `run`, `train`; `metrics`,
`predict`, `curves`, `behaviour`, `attention_quality`, `evaluate`, `ship`. `glyphs`,
`shipped_scenes` and `lab_sprites` draw what the handout itself shows, and `tray` makes a world of
that for tests; `drawings`, `gallery_scenes` and `tray_drawings` are to follow them.
"""
