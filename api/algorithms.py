"""The algorithms that tokens may be signed with, each with the keys that fit it; none of them is symmetric."""

from collections.abc import Mapping

_RSA = ("RSA", frozenset[str | None]({None}))

KEYS_OF: Mapping[str, tuple[str, frozenset[str | None]]] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), _RSA),
    "ES256": ("EC", frozenset({"P-256"})),
    "ES384": ("EC", frozenset({"P-384"})),
    "ES512": ("EC", frozenset({"P-521"})),
    "EdDSA": ("OKP", frozenset({"Ed25519", "Ed448"})),
}
"""An algorithm's key type and curves, by the names that a JWK has for them."""
