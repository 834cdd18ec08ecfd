"""pages.py DIR | pages.py DIR score <DOCUMENTS - pages whose main text is known

Writes 21 pages, three of each type of the web-content-extraction benchmark:
articles, documentation, forums, products, services, collections and listings.
The main text is marked by <!--main--> and <!--/main--> in the source of the
page; without its tags it is DIR/NAME.txt. score compares it with the documents
of `crawlclean -x DIR/*.html` and prints the word F1 of each page.
"""
import collections
import html
import json
import os
import random
import re
import sys

WHO = """the baker|our neighbour|a young engineer|the old sailor|the mayor|my sister|the museum
the committee|a visitor from the coast|the head gardener|the teacher|a group of students""".replace('\n', '|').split('|')
DID = """repaired|described|photographed|opened|measured|sold|painted|carried home|wrote about
compared|rebuilt|borrowed|forgot|catalogued""".replace('\n', '|').split('|')
WHAT = """the wooden bridge|a small steam engine|the harbour wall|several maps of the valley
a collection of clocks|the greenhouse|two bicycles|the village archive|an early telescope
the church organ|a barrel of apples|the northern footpath""".replace('\n', '|').split('|')
WHEN = """in the spring of that year|after the storm|before anybody noticed|with great care
during the long holidays|for the second time|without asking for money|while it was raining
as the council had asked|late on Friday evening""".replace('\n', '|').split('|')
NAV = 'Home News Sport Weather Travel Shop Contact Login'.split()


class Page:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def sentence(self):
        r = self.r
        s = f'{r.choice(WHO)} {r.choice(DID)} {r.choice(WHAT)} {r.choice(WHEN)}'
        if r.random() < .5:
            s += f', and {r.choice(WHO)} {r.choice(DID)} {r.choice(WHAT)}'
        return s[0].upper() + s[1:] + '.'

    def text(self, n):
        return ' '.join(self.sentence() for _ in range(n))

    def paragraphs(self, n, most=4):
        return '\n'.join(f'<p>{self.text(self.r.randrange(2, most + 1))}</p>' for _ in range(n))

    def title(self):
        return f'{self.r.choice(WHAT)} and {self.r.choice(WHO)}'.capitalize()

    def article(self):
        return f'<article><!--main--><h1>{self.title()}</h1>\n{self.paragraphs(6)}\n' \
            f'<h2>{self.title()}</h2>\n{self.paragraphs(3)}<!--/main--></article>' \
            '<div class="share">Share on Facebook Tweet Print</div>'

    def documentation(self):
        rows = '\n'.join(f'<tr><td><code>--{w}</code></td><td>{self.sentence()}</td></tr>'
                         for w in ('depth', 'width', 'colour'))
        return '<div class="sidebar"><ul>' + ''.join(
            f'<li><a href="#{i}">Chapter {i}</a></li>' for i in range(9)) + '</ul></div>' \
            f'<main class="content"><!--main--><h1>{self.title()}</h1>{self.paragraphs(2)}' \
            f'<h2>Options</h2><table>{rows}</table><h2>Example</h2><p>{self.text(2)}</p>' \
            '<pre><code>measure --depth 4 harbour.map\nmeasure --colour red wall.map</code></pre>' \
            f'{self.paragraphs(3)}<!--/main--></main>'

    def forum(self):
        posts = '\n'.join(
            '<div class="post"><div class="author"><a href="/u">user' f'{i}</a></div>'
            f'<div class="message"><!--main-->{self.paragraphs(2)}<!--/main--></div>'
            '<div class="buttons"><a href="/q">Quote</a> <a href="/r">Report</a></div></div>'
            for i in range(5))
        return f'<!--main--><h1>{self.title()}</h1><!--/main--><div class="thread">{posts}</div>'

    def product(self):
        facts = ''.join(f'<li>{self.sentence()}</li>' for _ in range(5))
        return f'<div class="product"><!--main--><h1>{self.title()}</h1>' \
            f'<div class="description">{self.paragraphs(3)}</div><ul>{facts}</ul>' \
            f'<h2>Details</h2>{self.paragraphs(2)}<!--/main-->' \
            '<button>Add to basket</button></div>' \
            '<div class="related"><h3>You may also like</h3><ul><li><a href=/1>Blue lamp</a></li>' \
            '<li><a href=/2>Green lamp</a></li><li><a href=/3>Lamp oil</a></li></ul></div>'

    def service(self):
        parts = '\n'.join(f'<section><h2>{self.title()}</h2>{self.paragraphs(2)}</section>'
                          for _ in range(4))
        return f'<main><!--main--><h1>{self.title()}</h1>{self.paragraphs(1)}{parts}<!--/main-->' \
            '<form><label>Your name</label><input><button>Send</button></form></main>'

    def collection(self):
        items = '\n'.join(f'<div class="card"><h3><a href="/{i}">{self.title()}</a></h3>'
                          f'<p>{self.text(2)}</p></div>' for i in range(8))
        return f'<main><!--main--><h1>{self.title()}</h1>{self.paragraphs(1)}{items}<!--/main--></main>'

    def listing(self):
        items = '\n'.join(f'<li class="entry"><h2><a href="/{i}">{self.title()}</a></h2>'
                          f'<p>{self.text(3)}</p></li>' for i in range(7))
        return f'<div id="list"><!--main--><h1>{self.title()}</h1><ul>{items}</ul><!--/main--></div>' \
            '<div class="pager"><a href="?p=1">1</a> <a href="?p=2">2</a> <a href="?p=3">Next</a></div>'

    def whole(self, kind):
        body = getattr(self, kind)()
        links = ''.join(f'<li><a href="/{w.lower()}">{w}</a></li>' for w in NAV)
        return f'''<!doctype html><html lang="en"><head><title>A page</title>
<style>p {{ margin: 0 }}</style><script>var tracker = "nobody reads this";</script></head><body>
<header><nav class="menu"><ul>{links}</ul></nav></header>
{body}
<div class="cookie-banner">We use cookies to improve your experience. <button>Accept</button></div>
<footer><ul>{links}</ul>Copyright 2026 The Valley Press. All rights reserved.</footer>
</body></html>
'''


KINDS = 'article documentation forum product service collection listing'.split()


def words(text):
    return collections.Counter(re.findall(r'\w+', text.lower()))


def gold(page):
    main = ' '.join(re.findall(r'<!--main-->(.*?)<!--/main-->', page, re.S))
    return html.unescape(re.sub(r'<[^>]*>', ' ', main))


def score(where):
    for doc in map(json.loads, sys.stdin):
        name = os.path.basename(doc['source'])[:-5]
        want = words(open(f'{where}/{name}.txt').read())
        have = words(doc['text'])
        both = (want & have).total()
        print(f'{name}\t{2 * both / max(want.total() + have.total(), 1):.4f}')


if sys.argv[2:] == ['score']:
    score(sys.argv[1])
else:
    for n, kind in enumerate(KINDS * 3):
        page = Page(n).whole(kind)
        name = f'{sys.argv[1]}/{kind}{n // len(KINDS)}'
        open(name + '.txt', 'w').write(gold(page))
        open(name + '.html', 'w').write(page)
