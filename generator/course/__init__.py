"""A course in a folder of its own, and how it reaches its readers.

In: an author's folder and the texts that come with the program. Out: which copies are older than
ours (`overrides`), the built site on this machine (`mkdocs_settings`, `preview`) and on a branch
that a host serves (`branch`).
"""
