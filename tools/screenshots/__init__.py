"""Pictures of the console, taken of a stack that runs for them alone."""
