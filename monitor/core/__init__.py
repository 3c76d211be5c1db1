"""The pure rules: records, identity, stories, situations, evidence, thresholds, lifecycle. No I/O, no clock, no chance."""
