"""A course handout about DETR whose every figure and number was measured.

`docs/architecture.md` tells what lies where; `python -m generator --help` what it can do.
"""
