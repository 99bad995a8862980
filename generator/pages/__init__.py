"""Records + `content/` + `templates/` -> Markdown.

In: `Contents`, all that the pages show. Out: the text of every page, and MkDocs' settings.

Read in this order: `contents`, `explorer`, `built_gallery`, `values`, `assets`, `render`,
`planned_gallery`, `deferred`, `read_checker`, `reads`, `page_store`, `sizes`, `sandbox`,
`undefined`, `jinja`, `escape`, `structure`, `other_hosts`, `formulas`, `links`, `offered`,
`glossary`, `image_rows`, `figure_numbers`, `query_marks`, `quoted_numbers`, `model_diagram`,
`relatives`, `claim_cards`, `claim_plot`, `comparisons`, `compared_numbers`, `comparison_values`,
`printed`, `report`, `aggregate`.
"""
