"""A picture that somebody tried -> text, JSON, and a report as HTML and PDF.

In: a `TriedImage`, what `detect` made of one picture. Out: what the terminal shows; an object of
JSON; one HTML file that needs no other, and a PDF, both of the page that the site has for an image.

Read in this order: `tried_image`, `text`, `data`, `draw`, `report`.
"""
