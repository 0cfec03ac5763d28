"""Bugs planted in the code that the lessons are about: each must be refused, and shows what it shrinks to."""
