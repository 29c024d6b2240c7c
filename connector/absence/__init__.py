"""Rows that a reading did not show: pure decisions, and the questions that settle them.

```python
assessments = [assess(...) for each stream], [assess_children(...) for each child table]
ruling = judge(assessments, accepted=n)            # one breaker stops the account
settling = settle(cases, ruling)                    # questions out, answers in
question = next(settling)
while True:
    question = settling.send(answer_to(question))   # StopIteration.value: {name: Settled}
```
"""

from connector.absence.assess import Assessment, Ruling, assess, assess_children, fingerprint, judge
from connector.absence.older import is_older, resolve_older
from connector.absence.question import (
    Answer,
    AskListAgain,
    AskPrincipal,
    AskRows,
    Case,
    Found,
    Gone,
    Missing,
    Pending,
    Question,
    Response,
    Settled,
    Undecided,
)
from connector.absence.settle import settle

__all__ = [
    "Answer",
    "AskListAgain",
    "AskPrincipal",
    "AskRows",
    "Assessment",
    "Case",
    "Found",
    "Gone",
    "Missing",
    "Pending",
    "Question",
    "Response",
    "Ruling",
    "Settled",
    "Undecided",
    "assess",
    "assess_children",
    "fingerprint",
    "is_older",
    "judge",
    "resolve_older",
    "settle",
]
