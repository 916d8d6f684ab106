"""A program that lets the SDK download the Temporal CLI: `temporal_download.py VERSION DIRECTORY`.

A process of its own, as the SDK's native threads are seen to crash an interpreter that ends soon after this.
"""

import asyncio
import os
import sys

from temporalio.testing import WorkflowEnvironment


async def download(version: str, directory: str) -> None:
    """Leave the program in `directory`, under the name the SDK gives it, after having seen it serve."""
    environment = await WorkflowEnvironment.start_local(
        download_dest_dir=directory, dev_server_download_version=version
    )
    await environment.shutdown()


def main() -> None:
    """Download, and end with a status that tells whether it worked."""
    try:
        asyncio.run(download(*sys.argv[1:]))
    except RuntimeError as error:
        sys.stderr.write(f"{error}\n")
        os._exit(1)
    # not by returning: the crash at the interpreter's end would turn a success into a failure
    os._exit(0)


if __name__ == "__main__":
    main()
