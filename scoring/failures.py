"""What may be told of an unforeseen exception: its text can hold a person's data, its class and place cannot."""

import traceback


def describe_exception(error: BaseException) -> str:
    """The exception's class and where it was raised, such as `KeyError in compute_score, line 31`."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {frames[-1].name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
