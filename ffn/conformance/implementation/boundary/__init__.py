"""The boundary between the judge and what it judges.

A call goes over as data and comes back as data: a method's name, stored arrays and descriptions there, arrays and a
line of text here. ``calling.local`` crosses it within this process, ``isolation.isolated`` to a process of the
implementation's own; behind both, ``calling.guard`` calls the implementation and converts what it returns.
"""
