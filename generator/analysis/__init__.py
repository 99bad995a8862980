"""`ForwardPass` -> what it says: detections, attention maps, matches. NumPy alone.

In: a forward pass, and what an author says is in the picture. Out: frozen records of arrays.

Read in this order: `boxes`, `detections`, `attention`, `ground_truth`, `matching`,
`matching_summary`.
"""
