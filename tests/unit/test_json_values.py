"""What can be stored, and how a place in it is named."""

import pytest

from scoring.errors import InvalidInput
from scoring.json_values import MAX_FIELD_LENGTH, require_storable


def test_a_value_that_cannot_be_stored_is_named_by_its_path() -> None:
    with pytest.raises(InvalidInput) as refused:
        require_storable({"assets": [1, {"land": float("nan")}]}, "attributes")

    assert refused.value.field == "attributes.assets.1.land"


def test_the_path_below_a_long_key_does_not_grow_with_it() -> None:
    with pytest.raises(InvalidInput) as refused:
        require_storable({"k" * 100_000: {"land": [float("nan")]}}, "attributes")

    assert refused.value.field is not None
    assert len(refused.value.field) <= MAX_FIELD_LENGTH + len(".land.0")
