"""What an answer makes: a piece of Python, and names with sizes -> what it comes to, as text.

An answer is worked out, not compared as text: `x.view(-1, 1, d)` and `x[:, None]` come to the same
numbers. Nothing is run: a few lines' worth of Python is read here, with the parts of PyTorch that
such answers use. `templates/assets/exercise` does the same in the page, function by function.
The tables are PyTorch's public signatures, many more than any exercise needs; no answer is in them.

Read in this order: `code`, `tensors`, `functions`, `making`, `layers`, `operations`,
`evaluate`, `form`.
"""
