"""Drift-safe reading of a list that moves: a pure planner, windows out and replies in.

```python
planner = sweep(ahead=3)
ask = next(planner)
while True:
    ask = planner.send(reply_to(ask))      # StopIteration.value is a Swept
```
"""

from connector.sweep.planner import sweep
from connector.sweep.window import Ask, Mark, Reply, Swept, Verdict, Window, predicted_requests

__all__ = ["Ask", "Mark", "Reply", "Swept", "Verdict", "Window", "predicted_requests", "sweep"]
