"""Numbers about attention: pure NumPy, each with its formula, range and source.

A measure takes maps and boxes and returns numbers; it draws nothing and imports no figure.
`catalogue` describes every measure once, `mechanisms` what they are made of and put beside.
`image` measures one image, `summary` many.
"""
