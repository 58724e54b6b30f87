"""Beyond one machine: a pooler in front, a replica behind, and the files of a deployment."""
