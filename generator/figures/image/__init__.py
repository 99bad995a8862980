"""The figures of one image: pixels, detections and maps in, matplotlib `Figure`s out.

`image_set` lists them. One module a figure, which holds its alt text too: `detections`,
`decoder`, `encoder`, `matching` (with `cost_table`); `labels` and `arrangement` are what they
share; `thumbnail` is the small picture of the gallery's index.
"""
