"""Numbers that shrink to what one can compute with by hand."""

from fractions import Fraction

from hypothesis import strategies as st

integers = st.integers(-3, 3)
rational = st.builds(Fraction, st.integers(-12, 12), st.integers(1, 4))
positive = st.builds(Fraction, st.integers(1, 12), st.integers(1, 4))
intervals = st.tuples(rational, rational).filter(lambda ends: ends[0] != ends[1]).map(sorted)
any_unit = st.tuples(rational, rational, rational)  # w, b, v of v·g(wx + b)
quarters = st.integers(-12, 12).map(lambda i: Fraction(i, 4))
positive_quarters = st.integers(1, 12).map(lambda i: Fraction(i, 4))


def lists_of(count: int, entries: st.SearchStrategy) -> st.SearchStrategy[list]:
    """Lists of that many."""
    return st.lists(entries, min_size=count, max_size=count)
