"""What the programs beside this file share: sockets of Debian's libzmq, and talking to the test.

Lines of JSON go out on stdout; lines come in on stdin, whose end is the end of the program.
"""

import json
import sys

import zmq
from zmq.utils.monitor import recv_monitor_message

KINDS = {
    name: getattr(zmq, name) for name in ("REQ", "DEALER", "ROUTER", "REP", "PUB", "SUB", "PUSH")
}


def say(value):
    print(json.dumps(value), flush=True)


def heard():
    """The next line of the test; ends the program when there is none."""
    line = sys.stdin.readline()
    if line == "":
        sys.exit(0)
    return line.strip()


def make_socket(kind, keys=(), as_server=False, **options):
    """A socket with CURVE when there are keys: (server's, own public, own secret), in Z85."""
    context = zmq.Context.instance()
    socket = context.socket(KINDS[kind])
    socket.linger = 0
    socket.rcvtimeo = 20_000
    if keys:
        server_key, public, secret = (key.encode() for key in keys)
        socket.curve_publickey = public
        socket.curve_secretkey = secret
        if as_server:
            socket.curve_server = True
        else:
            socket.curve_serverkey = server_key
    for name, value in options.items():
        socket.setsockopt(getattr(zmq, name), value)
    return socket


def send(socket, kind, body):
    if kind == "REQ":
        socket.send(body)
    else:
        socket.send_multipart([b"", body])


def receive(socket, kind):
    if kind == "REQ":
        return socket.recv()
    delimiter, body = socket.recv_multipart()
    assert delimiter == b"", delimiter
    return body


def call(socket, kind, body):
    send(socket, kind, body)
    return receive(socket, kind)


def next_event(monitor, wanted, timeout_ms):
    """The name of the first of the wanted events, with its value; None when none comes in time."""
    names = {getattr(zmq, f"EVENT_{name}"): name for name in wanted}
    while monitor.poll(timeout_ms):
        event = recv_monitor_message(monitor)
        if event["event"] in names:
            return [names[event["event"]], event["value"]]
    return None
