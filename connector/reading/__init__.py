"""Reading one account: drives the planners (sweep, absence, fan-out) over HTTP and hands back what to load."""
