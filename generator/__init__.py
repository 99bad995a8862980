"""A course handout about DETR whose every figure and number was measured.

`docs/architecture.md` explains what lies where; `python -m generator --help` lists the commands.
"""
