"""The use cases, in order: calls ports, decides nothing.

poll results -> intake (normalise, drop seen, read, place, join story) -> weighing (evidence, decide) -> alert + notification,
all in one transaction with the feeds' validators -> delivery, which only ever reads what was committed.
"""
