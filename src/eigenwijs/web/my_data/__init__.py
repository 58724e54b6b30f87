"""A worker's own data: what is known, who looked, how to be reached, and taking it all along."""
