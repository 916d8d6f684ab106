"""What a run does to the world: one method, one transaction at most, safe to repeat."""
