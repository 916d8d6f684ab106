"""The contenders: this project's roads, and what a user would pick instead, one module each."""
