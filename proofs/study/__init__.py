"""The study site: a page for each claim, made from the claims, the derivations, the code and the lessons."""
