"""The study site: a page for each claim, made from the register, the derivations, the code and the lessons."""
