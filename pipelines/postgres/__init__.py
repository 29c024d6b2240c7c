"""PostgreSQL as a warehouse: rows are merged in place, models are built beside, one transaction shows both."""

from pipelines.postgres.server import PostgresServer

__all__ = ["PostgresServer"]
