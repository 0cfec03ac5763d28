"""The tests tested: random one-token changes of the code, and whether a test fails with each."""
