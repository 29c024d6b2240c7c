"""A harvest hands its rows over once, and knows afterwards how many they were."""

import pyarrow as pa
import pytest

from connector.reading import harvest as harvesting
from connector.reading.harvest import Harvest


def test_rows_that_were_handed_over_are_gone_and_still_counted():
    harvest = Harvest("talent_ray", "default")
    for numbers in ([1, 2], [3]):
        harvest.add("roles", pa.table({"number": numbers}))
    harvest.add("tests", pa.table({"number": [4]}))
    handed = [part["number"].to_pylist() for part in harvest.hand_over("roles")]

    assert handed == [[1, 2], [3]]
    assert list(harvest.hand_over("roles")) == []
    assert "roles" not in harvest.tables
    assert (harvest.rows_of("roles"), harvest.rows_of("tests"), harvest.rows_of("leads")) == (3, 1, 0)
    assert harvest.rows_changed == 4


@pytest.mark.parametrize("sizes", [[9], [4, 4], [1, 1, 1, 6], [3, 3, 3], [8, 1, 2]])
def test_rows_are_handed_over_in_order_in_pieces_of_one_size_each_part_for_itself(monkeypatch, sizes):
    monkeypatch.setattr(harvesting, "PIECE_ROWS", 4)
    numbers = list(range(sum(sizes)))
    batches, rest = [], numbers
    for size in sizes:
        batches.append(pa.record_batch({"number": rest[:size]}))
        rest = rest[size:]
    harvest = Harvest("talent_ray", "default")
    harvest.add("roles", pa.Table.from_batches(batches))
    handed = [part["number"].to_pylist() for part in harvest.hand_over("roles")]

    assert [number for part in handed for number in part] == numbers
    assert [len(part) for part in handed[:-1]] == [4] * (len(handed) - 1)
    assert len(handed[-1]) <= 4
