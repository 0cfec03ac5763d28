"""``python -m ffn`` is the command ``ffn``."""

from ffn.cli import main

main()
