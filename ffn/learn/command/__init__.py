"""The command ``ffn learn``: a learner's folder, checks, hints, and what authors and teachers need."""
