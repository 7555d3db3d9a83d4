"""The boxes of the wire, by PyNaCl: what client and server have in common."""

import base64

from nacl.public import Box, PrivateKey, PublicKey


def text_of(data):
    return base64.b64encode(data).decode("ascii")


def key_text(key):
    return text_of(bytes(key.public_key))


def box_with(secret, other):
    return Box(secret, PublicKey(base64.b64decode(other)))


def seal(box, text):
    """Nonce, tag and ciphertext, as base64."""
    return text_of(bytes(box.encrypt(text.encode())))


def unseal(box, text):
    return box.decrypt(base64.b64decode(text)).decode()


__all__ = ["PrivateKey", "box_with", "key_text", "seal", "text_of", "unseal"]
