"""Pages and numbers -> what is published, one format a module.

In: the records of a build and its pages. Out: `website` makes the site, `pdf` the handout,
`data_files` and `measures_files` the numbers as JSON and CSV.
"""
