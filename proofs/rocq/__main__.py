"""``python -m proofs.rocq``."""

from proofs.rocq.command import main

if __name__ == "__main__":
    main()
