"""Whom a monitor would be open to: a configuration that opens it to strangers without saying so is refused."""

from ipaddress import ip_address

from services.settings import Settings


class OpenToStrangers(ValueError):  # noqa: N818 - says what is the case
    """The monitor would show everything to whoever reaches it; the message says what to set."""


def refuse_strangers(settings: Settings) -> None:
    """Raise OpenToStrangers for a monitor that others than this machine reach, and that asks readers for nothing."""
    if not (listens_locally(settings) or settings.open or settings.asks_readers):
        raise OpenToStrangers(
            f"the monitor would listen on {settings.monitor_host} and show everything to whoever reaches it. "
            "Set KLANTREIS_READ_TOKEN (or KLANTREIS_PROXY_USER_HEADER and KLANTREIS_TRUSTED_PROXIES), "
            "or say with KLANTREIS_OPEN=1 that it may; docs/security.md says more."
        )


def asks_for_keys(settings: Settings) -> bool:
    """Say whether sources have to show a key: when that is set, and when others than this machine can send events."""
    return settings.require_keys or not (listens_locally(settings) or settings.open)


def listens_locally(settings: Settings) -> bool:
    """Say whether only this machine reaches the monitor."""
    try:
        return ip_address(settings.monitor_host).is_loopback
    except ValueError:
        return settings.monitor_host == "localhost"
