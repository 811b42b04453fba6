"""What the notebooks of the back-propagation course import.

The package holds pictures, data, checks and a small graph engine. It holds no
layer, loss or network: those are what the units ask a student to write.
"""

__version__ = "0.1.0"
