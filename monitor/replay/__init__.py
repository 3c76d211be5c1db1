"""Replay: the live pipeline on a virtual clock, driven by archives of real headlines."""
