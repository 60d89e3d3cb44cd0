"""What a container is told, told to a process on this machine: other names for hosts and folders, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Service = Mapping[str, Any]


@dataclass(frozen=True)
class Places:
    """Where on this machine is what containers know by other names."""

    names: Mapping[str, str]

    def here(self, text: str) -> str:
        """Return a text with every name replaced."""
        for name, place in self.names.items():
            text = text.replace(name, place)
        return text

    def command(self, service: Service) -> list[str]:
        return [self.here(word) for word in service["command"]]

    def environment(self, service: Service) -> dict[str, str]:
        return {name: self.here(value) for name, value in service["environment"].items()}

    def health(self, service: Service) -> Sequence[str]:
        """Return the command by which a service is asked how it is."""
        _, *words = service["healthcheck"]["test"]
        return [self.here(word) for word in words]
