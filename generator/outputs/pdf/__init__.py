"""The pages, typeset: from the site's Markdown to one PDF for print.

In: rendered pages and their pictures. Out: `handout.pdf`. `handout` is the output; each other
module does one step: `chapters`, `hypertext`, `page_reader`, `pictures`, `fonts`,
`left_out`, `pagination`, `units`, `typst_calls`, `typesetting`, `book`.
"""
