"""The roles of a process: one process may do everything, or several share the work on one database."""

from enum import StrEnum


class ProcessRole(StrEnum):
    """The role of a process."""

    ALL = "all"
    """Everything, alone. The default."""
    GATEWAY = "gateway"
    """Holds the connection to Discord's gateway and answers interactions. It carries out no job steps."""
    WORKER = "worker"
    """Carries out the steps of jobs, shows the jobs, and does scheduled work, using only REST."""

    @property
    def is_shared(self) -> bool:
        """Whether other processes use the database, too."""
        return self is not ProcessRole.ALL

    @property
    def answers(self) -> bool:
        """Whether the process is connected to Discord's gateway and answers interactions."""
        return self is not ProcessRole.WORKER

    @property
    def works(self) -> bool:
        """Whether the process carries out job steps, and may get the duties that only one process may have."""
        return self is not ProcessRole.GATEWAY
