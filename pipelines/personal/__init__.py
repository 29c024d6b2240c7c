"""Personal data in the warehouse: what is where, one person's rows, erasing, keeping no longer than agreed.

`connector.privacy` decides what is stored when a row comes in; this package looks after what is stored already.
"""
