"""Pages and numbers -> what is published, one format a module.

In: the records of a build and its pages. Out: what `OUTPUTS` lists, `website` and `pdf`; and
`data_files` and `measures_files`, the numbers as JSON and CSV.

Read in this order: `output`, `website`, `pdf`, `data_files`, `measures_files`.
"""
