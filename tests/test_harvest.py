"""A harvest hands its rows over once, and knows afterwards how many they were."""

import pyarrow as pa

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
