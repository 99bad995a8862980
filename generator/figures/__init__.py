"""The exercise's figures: data in, matplotlib `Figure` out, one module a kind of figure.

`detections`, `decoder` and `encoder` each hold a figure and its alt text; `style`,
`labels` and `panels` are what they share; `save` writes a figure to a file. Nothing here
computes a measure, and nothing uses pyplot's global state.
"""
