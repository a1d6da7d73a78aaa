"""Capacity planning: unit costs, a model, a simulation, and the bill."""
