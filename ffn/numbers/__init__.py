"""The number systems on which one forward and one backward pass run.

Each module is loaded when asked for: ``import ffn`` needs NumPy alone.

=============  ==========================================  =======================================
module         numbers                                     serves
=============  ==========================================  =======================================
``floating``   float16, bfloat16, float32, float64         use, speed
``exact``      ``fractions.Fraction``                      tests with ``==``
``ball``       ``arb``, with or without rounding           truth, admissible sets
``traced``     autograd boxes                              reverse-mode witness
``dual``       dual numbers over any other system          forward-mode witness
``symbolic``   sympy expressions                           derivations tied to the code that ships
=============  ==========================================  =======================================
"""
