"""Pages for finance: statements, the work list, payees' accounts, payment batches, the proof."""
