"""A class's submissions -> a table of grades, a page for each student, a page about the class.

`archive` unpacks zip files, `names` tells from the names in them who sent what, `handed_in`
collects all of it, `roster` reads the list of the class and `matching` brings the two together.
`work` grades a student's files, `machine` tells how far they are confined, `pool` uses several
processes, `journal` keeps the records. `sheet`, `feedback` and `summary` write them for the
instructor and for students. `section` is what is reported of a submission besides its class.

Read in this order: `section`, `readers`, `names`, `archive`, `handed_in`, `table`, `roster`,
`matching`, `record`, `machine`, `work`, `pool`, `journal`, `participants`, `entry`, `page`,
`sheet`, `feedback`, `summary`, `class_folder`, `run`, `command`.
"""
