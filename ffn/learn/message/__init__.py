"""What a learner reads: at most fifteen lines, the smallest example drawn, one question."""
