"""Pages of the parties to an agreement: what runs in their name, and who pays late."""
