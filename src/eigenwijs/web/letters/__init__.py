"""Letters with a one-time code, on paper: a name, an address and a code, and nothing else."""
