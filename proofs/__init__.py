"""Derivations behind the reference network: theorems in general dimension, every step of which is checked.

``python -m proofs`` checks them all. This package imports ``ffn``, to tie its formulas to the code; ``ffn`` never
imports it.
"""
