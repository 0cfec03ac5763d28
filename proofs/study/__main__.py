"""``python -m proofs.study [FOLDER]``."""

from proofs.study.command import main

if __name__ == "__main__":
    main()
