"""Numbers about attention: pure NumPy, each with its formula, range and source.

A measure takes maps and boxes and returns numbers; it draws nothing and imports no figure.
`image` measures one image, `summary` many, and `catalogue` says in words what each of them is.
"""
