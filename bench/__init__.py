"""Benchmarks: this project beside what a user would pick instead, on the same work, judged by an independent oracle."""
