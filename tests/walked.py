"""A dict that counts how often somebody goes through all of it: what does so for each of many is quadratic."""

from collections.abc import Iterator


class Walked(dict[str, str]):
    """Looking a key up does not count."""

    walks = 0

    def __iter__(self) -> Iterator[str]:
        """Go through its keys."""
        self.walks += 1
        return super().__iter__()
