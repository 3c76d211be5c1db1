"""The review page: read-only views over what is stored."""
