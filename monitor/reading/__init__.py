"""What the words of an item say: places and roles, situations, quotes, speakers, denials, claimed dates. Pure functions on text."""
