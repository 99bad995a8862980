"""What every backbone was trained to expect of its input; no torch here."""

MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
"""ImageNet's mean and standard deviation of red, green and blue in [0, 1]."""
