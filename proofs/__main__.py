"""``python -m proofs`` checks the derivations."""

from proofs.command import main

main()
