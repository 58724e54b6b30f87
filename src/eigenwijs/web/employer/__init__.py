"""Pages of employers: deliver a payroll, look, confirm, and see what was asked and paid."""
