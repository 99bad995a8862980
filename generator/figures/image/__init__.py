"""The figures of one image: pixels, detections and maps in, matplotlib `Figure`s out.

`image_set` lists them. One module per figure, with its alt text: `detections`, `matching` (with
`cost_table` and `matching_kind`), `overlay`, `decoder`, `encoder` (with `decoder_tiles` and
`encoder_tiles`), `head_grid`, `sinks`,
`what_and_where`, `sampled`; of the causal tests `knock_out`, `ablation`, `deletion`,
`relevance`, `shuffled` (with `tested` and `picture_grid`). `labels`, `box_marks` and `arrangement`
are shared; `thumbnail` makes the small images of the gallery's index.
"""
