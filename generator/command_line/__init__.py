"""What all commands share; nothing in here knows what a command does.

In: what a user typed, and what a command raised. Out: checked options, and text with an exit code.

Read in this order: `interrupts` (imported before all else), `options`, `cli`.
"""
