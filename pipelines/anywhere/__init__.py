"""Any other SQL destination of dlt as a warehouse, by its name and dlt's settings of it.

dlt merges the rows in place and dbt builds the models in place: each table changes at once, all tables together do not.
A DuckDB file, a PostgreSQL server and a lake show readers whole refreshes; this does not.
"""

from pipelines.anywhere.warehouse import SqlDestination

__all__ = ["SqlDestination"]
