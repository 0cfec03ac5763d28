"""``xp``: the operations of a formula, each with its rounding and its derivative.

Names and meaning are those of the Python array API standard where it has them. An operation encloses the exact
results for all operands in their enclosures, and then what the program may lose in it. The functions that take
cotangents back are written in the same operations, so that they round as a backward pass does.
"""
