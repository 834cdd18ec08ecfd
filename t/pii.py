"""Addresses as FineWeb's formatter finds them, with Python's re and ipaddress.

	python3 pii.py texts [SEED]	lines full of addresses and near misses
	python3 pii.py replaced		the same lines with the replacements
"""
import ipaddress
import itertools
import random
import re
import sys

ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LABEL = r'[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?'
OCTET = r'(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)'
EMAIL = re.compile(rf'\b{ATOM}(?:\.{ATOM})*@(?:(?:{LABEL}\.)+{LABEL}|'
                   rf'\[(?:{OCTET}\.){{3}}(?:{OCTET}|[A-Za-z0-9-]*[A-Za-z0-9]:)\])')
IPV4 = re.compile(rf'(?:{OCTET}\.){{3}}{OCTET}')
EMAILS = ['email@example.com', 'firstname.lastname@example.org']
ADDRESSES = ['22.214.171.124', '126.96.36.199', '188.8.131.52', '184.108.40.206',
             '220.127.116.11', '18.104.22.168']

PIECES = ['a', 'b', 'Q7', 'é', 'ж', '_', '-', '.', '.', '.', '..', '@', '@', '@x.org', '@a-b.c',
          '@[1.2.3.', '@[1.2.3.45]', 'a@[1.02.3.', 'a@[1.2.3.b-c:', ']', ':]', ' ', ' ',
          '8', '25', '256', '007', '#', '+', '(', 'x.y']
OCTETS = [0, 1, 2, 8, 9, 10, 15, 16, 18, 19, 20, 31, 32, 51, 63, 64, 88, 99, 100, 101, 113, 127,
          128, 168, 169, 172, 192, 198, 203, 223, 224, 239, 240, 254, 255, 256, '08', '00', 300]


def is_public(text):
    try:
        return ipaddress.ip_address(text).is_global
    except ValueError:
        return False


def texts(seed):
    rng = random.Random(seed)
    for _ in range(4000):
        print(''.join(rng.choices(PIECES, k=rng.randrange(1, 12))))
    for a in OCTETS:
        for b in OCTETS:
            c, d = rng.choices(OCTETS, k=2)
            # Newer versions of Python treat parts of this block as public.
            if (a, b) != (192, 0) and (a, b) != (192, 88):
                print(f'{rng.choice(PIECES)}{a}.{b}.{c}.{d}{rng.choice(PIECES)}')


def main():
    if sys.argv[1] == 'texts':
        return texts(int(sys.argv[2]) if sys.argv[2:] else 1)
    for line in sys.stdin:
        turn = itertools.cycle(EMAILS)
        line = EMAIL.sub(lambda m: next(turn), line)
        turn = itertools.cycle(ADDRESSES)
        sys.stdout.write(IPV4.sub(
            lambda m: next(turn) if is_public(m[0]) else m[0], line))


main()
