"""Scenes of the lab as pictures, composed as the page composes them.

In: a `PreparedScene` and the files of its sprites. Out: pixels, and a `Figure` of an experiment.
The same formulas stand in `templates/assets/live/lab_backgrounds.js` and `lab_compose.js`; tests
compare what comes of them.

Read in this order: `backgrounds`, `compose`, `prepared`.
"""
