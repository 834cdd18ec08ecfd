"""Words as spaCy's English tokenizer splits them.

	python3 words.py list		texts with much to split, one per line
	python3 words.py spacy <TEXTS	a text, a tab and its words, joined by U+001F
"""
import random
import sys

# Each of these is a kind of split: a prefix, a suffix, an infix, an exception,
# an address, or what looks like one.
SINGLE = '''don't can't they'd I'm it's John's gonna cannot U.S. e.g. Mr. Dr. a.m. 5p.m. 10am :) :-( <3
... .. end. U.K.. etc.. NASA. 3. 25%. 10°C. x². $5 US$5 C$7 A$9 €30 30€ 5+ +5 +a -5 10km 5km/h 3m/s 100mph
20mb 5kg. 12GB 7m² §5 %5 =5 ='x' a=b a:b a/b a<b a>b 1:2 1/2 1-2 1+2 1*2 1^2 1^-2 well-known a--b a---b a----b
a—b a——b a–b a~b a,b 1,000 a.B a.b A.B x...y x….y “quoted” ‘q’ 'q' "q" (a) [b] {c} (a)b «d» ¿que? ¡si!
http://example.org http://example.org/a-b,c https://user@host.org:80/x?y#z ftp://a.b ab://x.yz ab://x.yz/a-b x://x.yz/a-b x://example.org http:x.org/a-b http:/x.org/a-b
//example.org example.org www.example.com/a(b) me@example.org a.b@c.de example.ORG example.c exa_mple.org
8.8.8.8 8.8.8.8/x 10.0.0.1 192.168.1.1 172.16.0.1 172.32.0.1 256.1.1.1 8.8.8.8:8080 8.8.8.8:8 x.org:80
x.org:1 x.org:123456 -x.org x-.org x..org localhost/a git+ssh://h.io/a-b #tag @name a@b 😀 a😀b 😀😀 ©2020 ™
#1 50° 50°F 'em 'tis o'clock y'all rock'n'roll (I'm) "don't" ('cause) -don't can't. :)) (:) 8-) xD :D. ;-)x
(e.g. (e.g.) "U.S." Co., co. vs. Jan. Dec.) $don't —I'm …I'm I'm… a' 's S's s' K.. "." '.' ".' a." x.) no.1'''.split()


# An address is left whole, where otherwise a dash would be split off.
PLACES = '''8.8.8.8 1.0.0.1 0.1.1.1 223.1.1.254 224.1.1.1 8.8.8.0 8.8.8.255 8.8.256.1 8.255.0.1 8.8.8
8.8.8.8.8 10.1.1.1 127.1.1.1 169.254.1.1 169.253.1.1 168.254.1.1 192.168.1.1 192.167.1.1 191.168.1.1
172.15.1.1 172.16.1.1 172.31.1.1 172.32.1.1 171.20.1.1 1.172.20.1 172.9.20.1 0008.8.8.8 8.8.8.x x.org
x.o x.oR x.o1 xn-y.org x_y.org -x.org x-.org _x.org x_.org a..org é.org ¡.org ¢.org 😀.org org x.ελ
1.2.org'''.split() + ['a' * 64 + '.org', 'a' * 65 + '.org', 'x.' + 'a' * 63, 'x.' + 'a' * 64]
TAILS = '/a-b ?a-b #a-b !a-b :8/a-b :80/a-b :12345/a-b :123456/a-b :x/a-b :8080?a-b :80a-b -a-b'.split()
HEADS = ['http://', 'me@', 'ab://', 'x://', 'a_b://', 'a+b://', 'a.b://', 'a-b://', 'a*b://', '://',
         'ñu://', '42://', 'http:/', 'http:', 'a:b@', 'http://u:p@', 'a@b@', '@', 'http:x/', 'http:/x/']


def addresses():
    yield from (place + '/a-b' for place in PLACES)
    yield from (place + tail for place in ('x.org', '8.8.8.8') for tail in TAILS)
    yield from (head + 'x.org/a-b' for head in HEADS)


def texts():
    yield from SINGLE
    yield from addresses()
    rng = random.Random(1)
    for _ in range(260):
        yield ' '.join(''.join(rng.choices(SINGLE, k=rng.choice((1, 2, 2)))) if rng.random() < .6
                       else rng.choice('("\'[$-.…—') + rng.choice(SINGLE) + rng.choice(')".,!?…%\'')
                       for _ in range(rng.choice((1, 2))))


def main():
    if sys.argv[1] == 'list':
        for text in dict.fromkeys(texts()):
            print(text)
        return
    import spacy
    nlp = spacy.blank('en')
    for line in sys.stdin:
        line = line.rstrip('\n')
        print(line, '\x1f'.join(t.text for t in nlp.tokenizer(line) if not t.is_space), sep='\t')


main()
