"""A DNS server whose answers change, for rebinding: every question for a name and type moves that
name's script on by one step, and the last step stays. TTL 0. Standard library only.

usage: scripted_dns.py ADDRESS[%INTERFACE] SCRIPT
SCRIPT is JSON: {"name": [["1.2.3.4", "2001:db8::1"], ["10.0.0.1"], ...]}; a step may also be a
string, the target of a CNAME record, or null, which means no answer. Other names do not exist.
Prints "up", then "A name" or "AAAA name" for each question.
"""

import ipaddress
import json
import socket
import struct
import sys

TYPES = {1: ("A", 4), 28: ("AAAA", 6)}


def question_of(query):
    labels, at = [], 12
    while query[at] != 0:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii").lower())
        at += 1 + query[at]
    return ".".join(labels), struct.unpack("!H", query[at + 1 : at + 3])[0], query[12 : at + 5]


def record(kind, data):
    return b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 0, len(data)) + data


def wire_name(name):
    return b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.split(".")) + b"\0"


def answer(query, script, taken):
    name, kind, question = question_of(query)
    label, family = TYPES.get(kind, (str(kind), 0))
    print(label, name, flush=True)
    steps = script.get(name)
    if steps is None:
        return query[:2] + struct.pack("!HHHHH", 0x8183, 1, 0, 0, 0) + question
    number = taken.get((name, kind), 0)
    taken[name, kind] = number + 1
    step = steps[min(number, len(steps) - 1)]
    if step is None:
        return None
    if isinstance(step, str):
        records = [record(5, wire_name(step))]
    else:
        addresses = [ipaddress.ip_address(text) for text in step]
        records = [record(kind, a.packed) for a in addresses if a.version == family]
    head = query[:2] + struct.pack("!HHHHH", 0x8180, 1, len(records), 0, 0)
    return head + question + b"".join(records)


def main():
    address, script, taken = sys.argv[1], json.loads(sys.argv[2]), {}
    family, _, _, _, target = socket.getaddrinfo(address, 53, type=socket.SOCK_DGRAM)[0]
    server = socket.socket(family, socket.SOCK_DGRAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(target)
    print("up", flush=True)
    while True:
        query, client = server.recvfrom(4096)
        reply = answer(query, script, taken)
        if reply is not None:
            server.sendto(reply, client)


main()
