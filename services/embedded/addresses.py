"""Where the monitor of a running `klantreis up` is to be found, and the words that say so."""

from services.embedded.narrator import Narrator
from services.embedded.ports import free_port, is_free
from services.settings import Settings

_EVERYWHERE = ("0.0.0.0", "")  # noqa: S104 - compared with, not bound to


def monitor_address(settings: Settings) -> str:
    """Return the monitor's address as seen from this machine."""
    host = "127.0.0.1" if settings.monitor_host in _EVERYWHERE else settings.monitor_host
    return f"http://{host}:{settings.monitor_port}"


def choose_monitor_port(settings: Settings, narrator: Narrator) -> int:
    """Return the port that is set, or a free one, saying so, if somebody else listens there."""
    host, port = settings.monitor_host, settings.monitor_port
    if is_free(host, port):
        return port
    other = free_port(host)
    narrator.say(f"Port {port} is busy; using {other}")
    return other


def say_addresses(settings: Settings, demo: bool, narrator: Narrator) -> None:
    """Say where everything is, and without a demo what to do next."""
    address = monitor_address(settings)
    lines = [
        "",
        f"  Wallboard  {address}/",
        f"  Metrics    {address}/metrics",
        f"  API        {address}/docs",
        f"  Logs       {settings.data_dir / 'logs'}",
        "",
    ]
    if not demo:
        lines += [
            "  Apply a journey:  klantreis journey apply FILE",
            "  Import a log:     klantreis import LOG --journey ID --mapping FILE",
            "",
        ]
    narrator.say("\n".join([*lines, "Ctrl-C drains and stops it all."]))
