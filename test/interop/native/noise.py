"""Noise, revision 34, for the four patterns of docs/dialects/native.md, section 4."""

import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

# Whether the server's key is known beforehand, then the tokens of each message.
PATTERNS = {
    "NK": (True, [["e", "es"], ["e", "ee"]]),
    "XK": (True, [["e", "es"], ["e", "ee"], ["s", "se"]]),
    "XX": (False, [["e"], ["e", "ee", "s", "es"], ["s", "se"]]),
    "NNpsk0": (False, [["psk", "e"], ["e", "ee"]]),
}


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def hkdf(key, salt=b"\0" * 32, info=b"", length=32):
    extracted, block, out = mac(salt, key), b"", b""
    for count in range(1, 256):
        if len(out) >= length:
            break
        block = mac(extracted, block + info + bytes([count]))
        out += block
    return out[:length]


class KeyPair:
    def __init__(self, secret):
        self.secret = X25519PrivateKey.from_private_bytes(secret)
        self.public = self.secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @classmethod
    def generate(cls):
        import os

        return cls(os.urandom(32))

    def agree(self, public):
        return self.secret.exchange(X25519PublicKey.from_public_bytes(public))


class Cipher:
    """A key and the number of the next record."""

    def __init__(self, key):
        self.key, self.count = key, 0

    def _nonce(self):
        nonce = b"\0" * 4 + self.count.to_bytes(8, "little")
        self.count += 1
        return nonce

    def seal(self, ad, plaintext):
        return ChaCha20Poly1305(self.key).encrypt(self._nonce(), plaintext, ad)

    def open(self, ad, sealed):
        return ChaCha20Poly1305(self.key).decrypt(self._nonce(), sealed, ad)

    def rekey(self):
        last = b"\0" * 4 + b"\xff" * 8
        self.key = ChaCha20Poly1305(self.key).encrypt(last, b"\0" * 32, b"")[:32]


class Handshake:
    def __init__(self, pattern, initiator, prologue, static=None, server_key=None, psk=None, ephemeral=None):
        known, messages = PATTERNS[pattern]
        self.messages = list(messages)
        name = f"Noise_{pattern}_25519_ChaChaPoly_SHA256".encode()
        self.h = name.ljust(32, b"\0") if len(name) <= 32 else hashlib.sha256(name).digest()
        self.ck, self.cipher = self.h, None
        self.initiator, self.static, self.psk = initiator, static, psk
        self.ephemeral = ephemeral or KeyPair.generate()
        self.remote_ephemeral, self.remote_static = None, server_key
        self.mix_hash(prologue)
        if known:
            self.mix_hash(server_key if initiator else static.public)

    def mix_hash(self, data):
        self.h = hashlib.sha256(self.h + data).digest()

    def mix_key(self, material):
        out = hkdf(material, self.ck, length=64)
        self.ck, self.cipher = out[:32], Cipher(out[32:])

    def mix_key_and_hash(self, material):
        out = hkdf(material, self.ck, length=96)
        self.ck = out[:32]
        self.mix_hash(out[32:64])
        self.cipher = Cipher(out[64:])

    def encrypt(self, plaintext):
        sealed = self.cipher.seal(self.h, plaintext) if self.cipher else plaintext
        self.mix_hash(sealed)
        return sealed

    def decrypt(self, sealed):
        plaintext = self.cipher.open(self.h, sealed) if self.cipher else sealed
        self.mix_hash(sealed)
        return plaintext

    def ephemeral_seen(self, public):
        self.mix_hash(public)
        if self.psk:
            self.mix_key(public)

    def agree(self, token):
        ours, theirs = token if self.initiator else token[::-1]
        own = self.ephemeral if ours == "e" else self.static
        self.mix_key(own.agree(self.remote_ephemeral if theirs == "e" else self.remote_static))

    def write(self):
        message = b""
        for token in self.messages.pop(0):
            if token == "psk":
                self.mix_key_and_hash(self.psk)
            elif token == "e":
                message += self.ephemeral.public
                self.ephemeral_seen(self.ephemeral.public)
            elif token == "s":
                message += self.encrypt(self.static.public)
            else:
                self.agree(token)
        return message + self.encrypt(b"")

    def read(self, message):
        for token in self.messages.pop(0):
            if token == "psk":
                self.mix_key_and_hash(self.psk)
            elif token == "e":
                self.remote_ephemeral, message = message[:32], message[32:]
                self.ephemeral_seen(self.remote_ephemeral)
            elif token == "s":
                length = 48 if self.cipher else 32
                self.remote_static, message = self.decrypt(message[:length]), message[length:]
            else:
                self.agree(token)
        if self.decrypt(message) != b"":
            raise ValueError("a handshake message says something")

    def split(self):
        out = hkdf(b"", self.ck, length=64)
        first, second = Cipher(out[:32]), Cipher(out[32:])
        return (first, second) if self.initiator else (second, first)
