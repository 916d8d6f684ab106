"""Which tokens count: every one that should not is refused, with a reason that shows nothing of it."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

from api.identity import Identity, InvalidToken, Unauthenticated
from api.key_sets import KeySet, fixed_keys
from api.permissions import Permission
from api.roles import mapped_roles
from api.tokens import TokenVerifier
from signed_tokens import CLIENT, TRUST, SigningKey, an_ec_key, an_ed_key, an_rsa_key, claims

RSA, EC, ED = an_rsa_key(), an_ec_key(), an_ed_key()
assert isinstance(RSA.private, RSAPrivateKey)
SHORT_RSA = an_rsa_key("rsa-short", size=1024)
KEYS = [RSA.public(), EC.public(), ED.public(), SHORT_RSA.public()]
MAP = {"officer": frozenset({Permission.APPROVE_CHANGE_REQUESTS, Permission.VIEW_CHANGE_REQUESTS})}
PERMISSIONS_OF_ROLES = mapped_roles(MAP | {"viewer": frozenset({Permission.VIEW_SCORES})})
SECRET = "planted-subject-81c2"  # noqa: S105 - what must not be shown


def verifier_of(*keys: dict[str, Any]) -> TokenVerifier:
    return TokenVerifier(TRUST, fixed_keys(KeySet({"keys": list(keys)}, TRUST.algorithms)), PERMISSIONS_OF_ROLES)


async def authenticate(token: str, *keys: dict[str, Any]) -> Identity:
    return await verifier_of(*(keys or KEYS)).authenticate(f"Bearer {token}")


def seconds_from_now(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


@pytest.mark.parametrize("key", [RSA, EC, ED], ids=lambda key: key.algorithm)
async def test_a_token_says_who_asks_what_is_permitted_and_until_when(key: SigningKey) -> None:
    expires_at = seconds_from_now(300).replace(microsecond=0)

    identity = await authenticate(key.sign(claims(["officer", "viewer", "unheard-of"], exp=expires_at)))

    permissions = MAP["officer"] | {Permission.VIEW_SCORES}
    assert identity == Identity("6e4a2c1e-officer", "officer.kamau", permissions, expires_at)


def forged_with_the_public_key() -> str:
    """HS256 with the RSA key that everybody knows as its secret."""

    def encoded(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    header = encoded(json.dumps({"alg": "HS256", "kid": RSA.key_id}).encode())
    body = claims(["officer"], iat=None, exp=int(time.time()) + 300)
    signed = f"{header}.{encoded(json.dumps({k: v for k, v in body.items() if v is not None}).encode())}"
    secret = RSA.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return f"{signed}.{encoded(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def unsigned() -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    return f"{header}.{RSA.sign(claims(['officer'])).split('.')[1]}."


def with_another_body() -> str:
    head, _, signature = RSA.sign(claims(["viewer"], sub=SECRET)).split(".")
    return ".".join((head, RSA.sign(claims(["officer"], sub=SECRET)).split(".")[1], signature))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        pytest.param(
            lambda: RSA.sign(claims(exp=seconds_from_now(-31), sub=SECRET)), "expired", id="beyond the leeway"
        ),
        pytest.param(
            lambda: RSA.sign(claims(nbf=seconds_from_now(60), sub=SECRET)), "not valid yet", id="of the future"
        ),
        pytest.param(
            lambda: RSA.sign(claims(iss=f"{TRUST.issuer}/", sub=SECRET)), "another issuer", id="another issuer"
        ),
        pytest.param(lambda: RSA.sign(claims(iss=["x"], sub=SECRET)), "another issuer", id="issuers"),
        pytest.param(lambda: RSA.sign(claims(aud="other", sub=SECRET)), "audience", id="another audience"),
        pytest.param(lambda: RSA.sign(claims(aud=[], sub=SECRET)), "lacks a claim", id="no audience"),
        pytest.param(lambda: RSA.sign(claims(exp=None, sub=SECRET)), "lacks a claim", id="without an end"),
        pytest.param(lambda: RSA.sign(claims(iss=None, sub=SECRET)), "lacks a claim", id="without an issuer"),
        pytest.param(lambda: RSA.sign(claims(aud=None, sub=SECRET)), "lacks a claim", id="without an audience"),
        pytest.param(lambda: RSA.sign(claims(sub=None)), "lacks a claim", id="without a subject"),
        pytest.param(lambda: RSA.sign(claims(sub="")), "subject", id="an empty subject"),
        pytest.param(lambda: RSA.sign(claims(sub=f"{SECRET}\x00")), "subject", id="a subject that cannot be stored"),
        pytest.param(lambda: RSA.sign(claims(sub=f"{SECRET}\ud800")), "subject", id="half a character"),
        pytest.param(lambda: RSA.sign(claims(sub=SECRET * 100)), "subject", id="a subject without end"),
        pytest.param(lambda: RSA.sign(claims(exp=10**30, sub=SECRET)), "expiry", id="the end of time"),
        pytest.param(lambda: RSA.sign(claims(typ="ID", sub=SECRET)), "no access token", id="an ID token"),
        pytest.param(lambda: RSA.sign(claims(typ="Refresh", sub=SECRET)), "no access token", id="a refresh token"),
        pytest.param(lambda: RSA.sign(claims(typ="Offline", sub=SECRET)), "no access token", id="an offline token"),
        pytest.param(lambda: RSA.sign(claims(typ=["Bearer"], sub=SECRET)), "no access token", id="a list of types"),
        pytest.param(lambda: RSA.sign(claims(sub=SECRET), typ="logout+jwt"), "no access token", id="a logout token"),
        pytest.param(lambda: RSA.sign(claims(sub=SECRET), kid="nobody's"), "no key", id="an unknown key"),
        pytest.param(lambda: RSA.sign(claims(sub=SECRET), kid=EC.key_id), "no key", id="a key of another kind"),
        pytest.param(lambda: RSA.sign(claims(sub=SECRET), kid=None), "no key", id="two keys to choose from"),
        pytest.param(lambda: an_rsa_key().sign(claims(sub=SECRET)), "signature", id="a stranger's key of the same id"),
        pytest.param(with_another_body, "signature", id="another body"),
        pytest.param(forged_with_the_public_key, "not allowed", id="the public key as a secret"),
        pytest.param(unsigned, "not allowed", id="no signature"),
        pytest.param(
            lambda: SigningKey("rsa-1", "PS256", RSA.private).sign(claims(sub=SECRET)),
            "not allowed",
            id="not on the list",
        ),
        pytest.param(
            lambda: RSA.sign(claims(sub=SECRET), crit=["exp"]), "no token", id="what must be understood and is not"
        ),
        pytest.param(lambda: "a.b", "no token", id="no token"),
        pytest.param(lambda: f"é{SECRET}", "no token", id="no ASCII"),
        pytest.param(lambda: "a" * 20_000, "longer", id="too long"),
    ],
)
async def test_a_token_that_does_not_count_is_refused_without_being_shown(make: Callable[[], str], reason: str) -> None:
    token = make()

    with pytest.raises(InvalidToken, match=reason) as refused:
        await authenticate(token)

    assert SECRET not in str(refused.value)
    assert token[:20] not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_a_key_that_is_too_short_verifies_nothing() -> None:
    with pytest.raises(InvalidToken):
        await authenticate(SHORT_RSA.sign(claims()))


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", RSA.sign(claims())])
async def test_without_a_bearer_token_it_is_said_what_to_send(authorization: str | None) -> None:
    with pytest.raises(Unauthenticated, match="send `Authorization: Bearer`") as refused:
        await verifier_of(*KEYS).authenticate(authorization)

    assert not isinstance(refused.value, InvalidToken)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: RSA.sign(claims(exp=seconds_from_now(-20))), id="expired within the leeway"),
        pytest.param(lambda: RSA.sign(claims(nbf=seconds_from_now(20))), id="early within the leeway"),
        pytest.param(lambda: RSA.sign(claims(iat=seconds_from_now(900))), id="issued by a fast clock"),
        pytest.param(lambda: RSA.sign(claims(typ=None)), id="no type"),
        pytest.param(lambda: RSA.sign(claims(typ=None), typ="at+jwt"), id="an access token as RFC 9068 has it"),
        pytest.param(lambda: RSA.sign(claims(aud="steadyscore")), id="one audience"),
        pytest.param(lambda: RSA.sign(claims(preferred_username="a\nb")), id="a username that cannot be shown"),
    ],
)
async def test_a_token_that_is_a_little_off_counts(make: Callable[[], str]) -> None:
    assert (await authenticate(make())).subject == "6e4a2c1e-officer"


async def test_a_username_that_is_none_is_left_out() -> None:
    for username in ("a\nb", "", 7, None):
        assert (await authenticate(EC.sign(claims(preferred_username=username)))).username is None


@pytest.mark.parametrize(
    "resource_access",
    [None, "x", {}, {"other": {"roles": ["officer"]}}, {CLIENT: ["officer"]}, {CLIENT: {"roles": "officer"}}],
)
async def test_roles_of_others_and_what_is_no_list_of_roles_permit_nothing(resource_access: object) -> None:
    identity = await authenticate(EC.sign(claims(resource_access=resource_access)))

    assert identity.permissions == frozenset()


async def test_roles_that_are_no_text_are_left_out() -> None:
    access = {CLIENT: {"roles": ["viewer", 7, None, ["officer"]]}}

    assert (await authenticate(EC.sign(claims(resource_access=access)))).permissions == {Permission.VIEW_SCORES}


async def test_a_token_without_a_key_id_means_the_only_key_that_fits() -> None:
    token = EC.sign(claims(), kid=None)

    assert (await authenticate(token, EC.public(), RSA.public())).subject == "6e4a2c1e-officer"


@pytest.mark.parametrize(
    "published",
    [
        pytest.param(RSA.public(use="enc"), id="for encryption"),
        pytest.param(RSA.public(alg="RSA-OAEP"), id="of another algorithm"),
        pytest.param(RSA.public(alg="RS512"), id="of an algorithm that is alike"),
        pytest.param(RSA.public(key_ops=["encrypt"]), id="not to verify with"),
        pytest.param(RSA.public(kty="oct", k="c2VjcmV0"), id="symmetric"),
        pytest.param(
            RSAAlgorithm.to_jwk(RSA.private, as_dict=True) | {"kid": RSA.key_id, "key_ops": ["verify"]}, id="private"
        ),
        pytest.param(RSA.public(n="?"), id="broken"),
    ],
)
async def test_a_key_that_is_not_for_signing_verifies_nothing(published: dict[str, Any]) -> None:
    with pytest.raises(InvalidToken, match="no key"):
        await authenticate(RSA.sign(claims()), published, EC.public())


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param({"key_ops": None}, id="uses that are null"),
        pytest.param({"key_ops": 7}, id="uses that are a number"),
        pytest.param({"crv": ["P-256"]}, id="a list of curves"),
        pytest.param({"kty": {}}, id="a kind that is an object"),
        pytest.param({"kid": ["x"]}, id="a list of ids"),
        pytest.param({"n": 7}, id="a number for its own text"),
        pytest.param({"n": "?"}, id="no base64"),
        pytest.param({"e": None}, id="a part that is null"),
    ],
)
async def test_an_odd_key_takes_no_other_key_along(odd: dict[str, Any]) -> None:
    beside = an_rsa_key("odd").public(**odd)

    assert (await authenticate(RSA.sign(claims()), beside, RSA.public())).subject == "6e4a2c1e-officer"


async def test_a_key_that_names_no_algorithm_verifies_what_fits_its_kind() -> None:
    published = {name: value for name, value in RSA.public().items() if name != "alg"}

    assert (await authenticate(RSA.sign(claims()), published)).subject == "6e4a2c1e-officer"


async def test_a_token_that_was_found_right_counts_no_longer_than_its_time() -> None:
    verifier = TokenVerifier(
        replace(TRUST, leeway=0), fixed_keys(KeySet({"keys": [EC.public()]}, TRUST.algorithms)), PERMISSIONS_OF_ROLES
    )
    expires_at = seconds_from_now(3)
    token = f"Bearer {EC.sign(claims(exp=expires_at))}"

    assert (await verifier.authenticate(token)).expires_at == expires_at.replace(microsecond=0)
    while datetime.now(UTC) < expires_at:
        await asyncio.sleep(0.05)
    with pytest.raises(InvalidToken, match="expired"):
        await verifier.authenticate(token)


async def test_what_the_roles_of_a_token_permit_may_change_while_it_counts() -> None:
    permitted: dict[str, frozenset[Permission]] = {"officer": frozenset(Permission)}
    keys = fixed_keys(KeySet({"keys": [EC.public()]}, TRUST.algorithms))
    verifier = TokenVerifier(TRUST, keys, mapped_roles(permitted))
    token = f"Bearer {EC.sign(claims(['officer']))}"

    before = (await verifier.authenticate(token)).permissions
    permitted.clear()

    assert (before, (await verifier.authenticate(token)).permissions) == (frozenset(Permission), frozenset())
