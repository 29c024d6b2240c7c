"""Servers that we did not make: both APIs as their references tell them, by other hands than the sandbox's."""
