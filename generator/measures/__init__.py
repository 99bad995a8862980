"""Numbers about attention: pure NumPy, each with its formula, range and source.

A measure takes maps and boxes and returns numbers; it draws nothing and imports no figure.
`catalogue` describes every measure once; `mechanisms` describes the attentions that are measured
and the controls that numbers are compared with. `image` measures one image, `summary` many.
"""
