"""Theorems that Rocq's kernel has checked as well, and what holds that it has."""
