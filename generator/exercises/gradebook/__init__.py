"""A class's submissions -> a table of grades, a page for each student, a page about the class.

`section` is what is reported of a submission besides its class.

Read in this order: `section`.
"""
