"""The reference network: NumPy forward, backward by hand."""

from ffn.network import reference as implementation

__all__ = ["implementation"]
