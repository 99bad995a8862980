"""The pages, typeset: from the Markdown that the site is made of to one PDF for print.

In: rendered pages and the pictures that they show. Out: `handout.pdf`. `handout` is the output;
one module does one step: `chapters`, `hypertext`, `pictures`, `fonts`, `pagination`, `units`,
`typesetting`, `book`.
"""
