"""The embedded model for the reader's browser: weights and scripts in, one script out.

In: the weights of a model with a small backbone, as they ship, and `templates/assets/live`. Out: a
script that a page loads when the reader presses "Start". Nothing here needs torch.

Read in this order: `network`, `bundle`, `publish`.
"""
