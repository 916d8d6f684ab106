"""A problem tells of what was wrong first, and is small however much was wrong."""

from http_client import Api

REGISTER = {"register_mnemonic": "F", "register_purpose": "REGISTER", "attributes": {"income": "number"}}


async def test_of_many_wrong_fields_the_first_are_named_and_the_rest_counted(api: Api) -> None:
    refused = await api.post("/registers", REGISTER | {f"field-{number}": 1 for number in range(40_000)})

    problem = refused.json()
    first = [f"field-{number}" for number in range(50)]
    assert (refused.status_code, [error["field"] for error in problem["errors"]]) == (422, first)
    assert problem["detail"].startswith("field-0: Extra inputs are not permitted; field-1: ")
    assert problem["detail"].endswith("; field-9: Extra inputs are not permitted; and 39990 more")


async def test_what_is_wrong_in_a_few_fields_is_told_in_full(api: Api) -> None:
    refused = await api.post("/registers", REGISTER | {f"field-{number}": 1 for number in range(10)})

    assert refused.json()["detail"].endswith("; field-9: Extra inputs are not permitted")


async def test_a_name_without_end_is_shown_by_its_beginning(api: Api) -> None:
    refused = await api.post("/registers", REGISTER | {"f" * 500_000: 1})

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"].startswith("ffffffff")
    assert len(refused.content) < 4_000
