"""The proxies in front of the monitor that are believed: what they say counts, and nobody else's word does."""

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

_Network = IPv4Network | IPv6Network


class TrustedProxies:
    """Tells by the address that a connection comes from, never by a header."""

    def __init__(self, addresses: str = "") -> None:
        """Take addresses and networks, by commas. Raises ValueError for what is neither."""
        self._networks: list[_Network] = [ip_network(each.strip()) for each in addresses.split(",") if each.strip()]

    def brought(self, scope: Mapping[str, Any]) -> bool:
        """Say whether one of them brought a request (an ASGI scope)."""
        client = scope.get("client")
        try:
            peer = ip_address(client[0]) if client else None
        except ValueError:  # a test's client has a name, a Unix socket's none
            return False
        return peer is not None and any(peer in network for network in self._networks)

    def header(self, scope: Mapping[str, Any], name: str) -> str:
        """Return what one of them says in a header; empty if it does not, or says it twice."""
        wanted = name.lower().encode()
        said = [value for each, value in scope["headers"] if each == wanted]
        return said[0].decode(errors="replace").strip() if len(said) == 1 and self.brought(scope) else ""

    def came_by_https(self, scope: Mapping[str, Any]) -> bool:
        """Say whether the reader's browser speaks HTTPS, with us or with one of them."""
        return scope["scheme"] == "https" or self.header(scope, "x-forwarded-proto") == "https"
