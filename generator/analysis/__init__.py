"""`ForwardPass` -> detections, attention maps and matches. NumPy alone.

In: a forward pass, and the author's annotations of the image. Out: frozen records of arrays.

Read in this order: `boxes`, `detections`, `grid`, `cells`, `attention`, `sampled`, `ground_truth`,
`matching`, `matching_summary`, `average_precision`, `entry_analysis`.
"""
