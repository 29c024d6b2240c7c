"""A lake as a warehouse: parquet files in a folder or bucket, and one small file that says which of them count.

```
raw_talent_ray/<table>/*.parquet     versions of rows, as dlt wrote them: only ever added to
meta/<refresh>/<table>.parquet       the ledger
models/<refresh>/<schema>/<table>/   what the SQL models made: staging (current rows), marts, reports
published.json                       which of these are published; replaced at once, last of all
```

A version ends where the next one of its key begins, so a file never changes once it is written.
"""

from pipelines.lake.lake import Lake

__all__ = ["Lake"]
