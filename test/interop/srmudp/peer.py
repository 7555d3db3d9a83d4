"""An SRMUDP peer as strict and as fragile as the original, written from its wire note.

It fails an attempt to connect at the first datagram that it does not expect, draws a new session
key for each public key it receives, acknowledges only what asks for it, never acknowledges twice,
takes what it holds only when something else arrives, and dies of a question for what it has
forgotten. Whoever speaks with it has to be careful; that is what it is for.

usage: peer.py BIND_PORT REMOTE_PORT MODE [--sizes N,N,...] [--span S] [--timeout S] [--host IP]
  echo   sends each message back, until the peer closes
  send   sends messages of these sizes and compares what comes back, then closes
Prints one JSON object a line.
"""

import argparse
import hashlib
import json
import os
import select
import socket
import struct
import sys
import time

from Cryptodome.Cipher import AES
from Cryptodome.PublicKey import ECC

PUNCH = b"\x00udp hole punchingP-256"
SUCCESS = b"success hand shake"
ACK, PSH, EOF, RTM, FIN = 0x01, 0x02, 0x04, 0x10, 0x40
SEND_LIMIT = 262144
MOST_HELD = 50000


def tell(**fields):
    print(json.dumps(fields), flush=True)


def seal(key, plaintext):
    cipher = AES.new(key, AES.MODE_GCM, nonce=os.urandom(16))
    ciphertext, tag = cipher.encrypt_and_digest(plaintext)
    return cipher.nonce + tag + ciphertext


def unseal(key, box):
    cipher = AES.new(key, AES.MODE_GCM, nonce=box[:16])
    return cipher.decrypt_and_verify(box[32:], box[16:32])


def pattern(length, factor=7):
    block = bytes(i * factor % 251 for i in range(251))
    return (block * (length // 251 + 1))[:length]


class Failed(Exception):
    """What makes the original give an attempt up."""


class Handshake:
    """One attempt with one key pair; any surprise ends it."""

    def __init__(self, sock, remote, span):
        self.sock, self.remote, self.span = sock, remote, span
        self.secret = ECC.generate(curve="P-256")
        self.pem = self.secret.public_key().export_key(format="PEM").encode()
        self.key = None
        self.peer_seen = None

    def send(self, datagram):
        self.sock.sendto(datagram, self.remote)

    def run(self):
        self.send(PUNCH)
        while True:
            if not select.select([self.sock], [], [], self.span)[0]:
                self.send(PUNCH)
                continue
            datagram = self.sock.recv(1024)
            try:
                if self.step(datagram):
                    return self.key
            except Failed:
                raise
            except Exception as cause:
                raise Failed(f"{type(cause).__name__}: {cause}") from cause

    def step(self, datagram):
        stage, content = datagram[:1], datagram[1:]
        if stage == b"\x00":
            if content[-5:] != b"P-256":
                raise Failed("another curve")
            self.send(b"\x01" + self.pem)
        elif stage == b"\x01":
            self.peer_seen = content
            self.key = os.urandom(32)
            wrapped = seal(self.wrapping(content), self.key)
            self.send(b"\x02" + self.pem + b"|KEY|" + wrapped.hex().encode())
        elif stage == b"\x02":
            pem, wrapped = content.split(b"|KEY|", 1)
            if self.peer_seen is not None:
                mine = hashlib.sha256(self.pem + pem).digest()
                theirs = hashlib.sha256(pem + self.pem).digest()
                if mine == theirs:
                    raise Failed("this is myself")
                if mine > theirs:
                    return False
            self.key = unseal(self.wrapping(pem), bytes.fromhex(wrapped.decode()))
            self.send(b"\x03" + seal(self.key, SUCCESS))
            return True
        elif stage == b"\x03":
            if unseal(self.key, content) != SUCCESS:
                raise Failed("another text")
            return True
        else:
            raise Failed(f"not defined message {datagram[:8].hex()} of {len(datagram)} bytes")
        return False

    def wrapping(self, pem):
        point = ECC.import_key(pem.decode()).pointQ * self.secret.d
        x, y = int(point.x), int(point.y)
        return hashlib.sha256(x.to_bytes(32, "big") + y.to_bytes(32, "big")).digest()


def probe_path(sock, remote, timeout):
    """The phase that finds how large a datagram may be; everything else is dropped in it."""
    own, largest, told, size = None, 0, False, 1472
    for _ in range(int(min(timeout, 5) / 0.05)):
        if not select.select([sock], [], [], 0.05)[0]:
            if own is not None and told:
                return own
            if own is None and size > 1024:
                sock.sendto(b"#" * size, remote)
                size -= 16
            continue
        datagram = sock.recv(1500)
        if datagram.strip(b"#") == b"":
            if len(datagram) >= largest:
                largest = len(datagram)
            else:
                told = True
                sock.sendto(struct.pack("<I", largest), remote)
        elif len(datagram) == 4:
            own = struct.unpack("<I", datagram)[0]
    return largest - 48 if largest - 48 > 1024 else 1400


class Dead(Exception):
    """The loop that receives has ended; the original does not even tell."""


class Link:
    def __init__(self, sock, remote, key, mtu, span, timeout):
        self.sock, self.remote, self.key = sock, remote, key
        self.window, self.span, self.timeout = mtu - 46, span, timeout
        self.next_out, self.expected = 1, 1
        self.unacknowledged = {}
        self.held, self.asked = {}, set()
        self.parts = b""
        self.messages = []
        self.heard = self.last_ack = time.time()
        self.closed = False

    def send_packet(self, control, sequence, data, retry=0):
        head = struct.pack("<BIBd", control, sequence, retry, time.time())
        self.sock.sendto(seal(self.key, head + data), self.remote)

    def send(self, message):
        """Blocks while too much is unacknowledged, as the original does."""
        pieces = len(message) // self.window + 1
        for number in range(pieces):
            data = message[number * self.window : (number + 1) * self.window]
            last = number == pieces - 1
            full = self.buffered() > SEND_LIMIT
            control = PSH | EOF if last else PSH if full else 0
            sequence = self.next_out
            self.next_out += 1
            self.unacknowledged[sequence] = [control, data, 0, time.time()]
            self.send_packet(control, sequence, data)
            self.turn(0.001)
            while full and self.buffered() > SEND_LIMIT:
                self.turn(self.span)

    def buffered(self):
        return sum(len(packet[1]) for packet in self.unacknowledged.values())

    def turn(self, wait):
        """One pass of the loop that receives."""
        until = time.time() + min(wait, self.span)
        while select.select([self.sock], [], [], max(0, until - time.time()))[0]:
            self.on_datagram(self.sock.recv(65536))
            self.timers()
            if self.messages or self.closed or not self.unacknowledged:
                break
        self.timers()

    def timers(self):
        now = time.time()
        if now - self.heard > self.timeout:
            raise Dead("timeout")
        if now - self.last_ack > self.span:
            self.acknowledge(b"as ping")
        old = [s for s, p in self.unacknowledged.items() if now - p[3] > 2 * self.span]
        for sequence in old[:4]:
            self.repeat(sequence)

    def repeat(self, sequence):
        packet = self.unacknowledged[sequence]
        packet[2] += 1
        packet[3] = time.time()
        if packet[2] > 255:
            raise Dead("retry does not fit into a byte")
        self.send_packet(packet[0], sequence, packet[1], packet[2])

    def acknowledge(self, text):
        self.last_ack = time.time()
        self.send_packet(ACK, self.expected - 1, text)

    def on_datagram(self, datagram):
        # What is held is looked at only now that something else has arrived.
        while self.expected in self.held:
            self.take(*self.held.pop(self.expected))
        try:
            packet = unseal(self.key, datagram)
        except ValueError:
            return
        if len(packet) < 14:
            raise Dead("too short")
        control, sequence, _, _ = struct.unpack("<BIBd", packet[:14])
        self.heard = time.time()
        if control & ACK:
            for number in [n for n in self.unacknowledged if n <= sequence]:
                del self.unacknowledged[number]
        elif control & FIN:
            self.send_packet(FIN, 0, b"been notified fin or reset")
            self.closed = True
        elif control & RTM:
            if sequence not in self.unacknowledged:
                raise Dead(f"asked for {sequence}, which is forgotten")
            self.repeat(sequence)
        elif sequence == self.expected:
            self.take(control, packet[14:])
        elif sequence > self.expected:
            self.held[sequence] = (control, packet[14:])
            if len(self.held) > MOST_HELD:
                raise Dead("too many temporary packets")
            for missing in range(self.expected, sequence):
                if missing not in self.held and missing not in self.asked:
                    self.asked.add(missing)
                    self.send_packet(RTM, missing, b"")

    def take(self, control, data):
        self.asked.discard(self.expected)
        self.expected += 1
        self.parts += data
        if control & EOF:
            self.messages.append(self.parts)
            self.parts = b""
        if control & PSH:
            self.acknowledge(b"put buffer")

    def receive(self):
        while not self.messages:
            if self.closed:
                return None
            self.turn(self.span)
        return self.messages.pop(0)

    def close(self):
        self.send_packet(FIN, 0, b"closed")
        time.sleep(0.01)


def connect(options):
    remote = (options.host, options.remote)
    sock = socket.socket(socket.AF_INET6 if ":" in options.host else socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((options.host, options.bind))
    while True:
        try:
            key = Handshake(sock, remote, options.span).run()
            break
        except Failed as failure:
            tell(failed=str(failure))
            time.sleep(options.span)
    began = time.time()
    mtu = probe_path(sock, remote, options.timeout)
    tell(established=True, mtu=mtu, probing=round(time.time() - began, 3))
    return Link(sock, remote, key, mtu, options.span, options.timeout)


def echo(link, _):
    while (message := link.receive()) is not None:
        tell(received=len(message), sha256=hashlib.sha256(message).hexdigest())
        link.send(message)


def send(link, sizes):
    for size in sizes:
        message = pattern(size)
        began = time.time()
        link.send(message)
        returned = link.receive()
        tell(size=size, same=returned == message, seconds=round(time.time() - began, 3))
    link.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bind", type=int)
    parser.add_argument("remote", type=int)
    parser.add_argument("mode", choices=["echo", "send"])
    parser.add_argument("--sizes", default="")
    parser.add_argument("--span", type=float, default=3.0)
    parser.add_argument("--timeout", type=float, default=21.0)
    parser.add_argument("--host", default="127.0.0.1")
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",") if size]
    link = connect(options)
    try:
        (echo if options.mode == "echo" else send)(link, sizes)
    except Dead as reason:
        tell(dead=str(reason))
        sys.exit(1)
    tell(over=True)


if __name__ == "__main__":
    main()
