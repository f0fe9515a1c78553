"""An existing Dask cluster as workers (extra `dask`): bytes travel, versions are checked, lost workers survived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.errors import UserError

if TYPE_CHECKING:
    from migrate.workers import Pool


def connect(address: str, version: str) -> Pool:
    """Workers on the cluster whose scheduler listens at *address* (tcp://host:8786).

    Dask itself runs a task again whose worker was lost. Each task says which tool and tables it was made by, and a
    worker with others refuses it.

    Raises:
        UserError: the extra is not installed, or the scheduler does not answer within ten seconds.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise UserError("--executor dask=… needs Dask: pip install 'cuda-migrate[dask]'") from error
    from migrate.workers import Pool

    class Cluster(Pool):
        """Works through Dask's own executor; closed it lets go of the scheduler, whose other work goes on."""

        def close(self, *, cancel: bool = False) -> None:
            self._executor.shutdown(wait=not cancel)
            client.close()

    try:
        client = Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise UserError(f"no Dask scheduler answers at {address}: {error}") from error
    count = sum(client.nthreads().values()) or 1
    return Cluster(client.get_executor(pure=False), workers=count, carries_bytes=True, made_by=version)
