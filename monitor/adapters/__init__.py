"""One outside system per file; each speaks the errors of `monitor.core.errors`."""
