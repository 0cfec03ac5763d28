"""Judging what a learner wrote: in a process of its own, against admissible sets, and naming what went wrong."""
