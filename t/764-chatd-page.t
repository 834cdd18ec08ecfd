#!/bin/sh
# The page of chatd in a browser: type, stream, stop, probabilities, tools; dark,
# light and narrow. Needs chromium, or google-chrome.
. "${0%/*}/lib.sh"
needs_long
needs_command python3
[ -x "$BUILD/bin/chatd" ] || skip_all 'chatd was not built: no libmicrohttpd'
browser=$(command -v chromium || command -v google-chrome) || skip_all 'there is no chromium'
venv playwright
export PYTHONPATH="$TOP/t" PYTHONDONTWRITEBYTECODE=1 browser
unit mkmodel m scale=3 layers=4 width=256 context=8192 tokens=900
# Never ends by itself, and takes its time.
unit mkmodel endless layers=8 width=512 heads=8 ffn=2048 tokens=256 context=8192 chain='
 a ; a b ; b c ; c a'
unit mkmodel talk layers=1 width=384 heads=4 ffn=16 tokens=256 context=1024 chain='
 o k <|python_start|> 1 + 2 <|python_end|> ; 3 . <|im_end|>'

cat >page.py <<'X'
import contextlib, sys
from chatd import *
from playwright.sync_api import sync_playwright

def wait(page, condition):	# wait_for_function would evaluate text, which the page forbids
    end = time.time() + 60
    while not page.evaluate(condition):
        assert time.time() < end, condition
        time.sleep(.02)

@contextlib.contextmanager
def opened(s, scheme, width):
    """The page, which must not report an error nor load anything from elsewhere."""
    url = "http://127.0.0.1:%d/" % s.address[1]
    with sync_playwright() as p:
        b = p.chromium.launch(executable_path=os.environ["browser"], args=["--no-sandbox"])
        page = b.new_context(color_scheme=scheme, viewport={"width": width, "height": 640}).new_page()
        wrong = []
        page.on("console", lambda m: m.type == "error" and wrong.append(m.text))
        page.on("pageerror", lambda e: wrong.append(str(e)))
        page.on("request", lambda r: r.url.startswith((url, "data:")) or wrong.append(r.url))
        page.goto(url)
        wait(page, "document.getElementById('state').textContent")
        yield page
        assert not wrong, wrong
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        b.close()

def point(page, token):	# scrolling to it may hide what it showed
    end = time.time() + 60
    while page.evaluate("document.getElementById('alternatives').hidden"):
        assert time.time() < end, "no alternatives"
        page.mouse.move(0, 0)
        token.hover()
        time.sleep(.2)

def settings(page, **values):
    page.click("#set")
    for name, value in values.items():
        page.fill("#" + name, str(value))
    page.click("#set")
X
look() {	# NAME SCHEME WIDTH MODEL [OPTION...] <<program, with the server s and the page
	name="$1: $2, $3 wide" scheme=$2 width=$3; shift 3
	{ printf 'from page import *\nwith Server(*sys.argv[1:]) as s, opened(s, "%s", %s) as page:\n' "$scheme" "$width"
	sed 's/^/    /'; } >case.py
	printf '%s\n' "$@" >options
	ok "$name" 'xargs -d "\n" timeout 120 "$venv/bin/python" case.py <options'
}
for how in 'light 1000' 'dark 360'; do
look 'an answer comes in pieces, as text, with its tokens on demand' $how m <<'X'
settings(page, max_tokens=800, seed=1)
page.fill("#say", "<b>bold</b>\nand <script>alert(1)</script>")
page.press("#say", "Enter")
wait(page, "document.querySelector('.assistant').textContent.length > 20")
first = page.inner_text(".assistant")
wait(page, "document.getElementById('stop').disabled")
done = page.inner_text(".assistant")
assert len(done) > len(first) and page.locator(".message b, .message script").count() == 0
assert "<b>bold</b>" in page.inner_text(".user")
page.click("#show")
tokens = page.locator(".assistant .token")
assert tokens.count() > 20
point(page, tokens.nth(2))
assert 8 <= page.locator("#alternatives div").count() <= 9
assert page.locator("#alternatives .chosen").count() == 1
page.click("#show")
assert page.inner_text(".assistant") == done
page.click("#clear")
assert page.locator(".message").count() == 0
X
look 'stop ends the request' $how endless <<'X'
settings(page, max_tokens=8000)
page.fill("#say", "x")
page.click("#send")
wait(page, "document.querySelector('.assistant')?.textContent.length > 20")
assert not any("POST" in line for line in s.log)
page.click("#stop")
end = time.time() + 5
while not any("the client has gone" in line for line in s.log):
    assert time.time() < end, s.log
    time.sleep(.02)
wait(page, "document.getElementById('stop').disabled")
assert page.inner_text("#state") == "stopped"
X
look 'a tool: what it was given and what it said, in its place, in both views' $how talk --tool \
	'<|python_start|>,<|python_end|>,cat; printf "<b>3"; sleep .2' --tool-output 'x,3' <<'X'
settings(page, seed=1)
for n in 1, 2:		# the second turn has the first one's content, without the call
    page.fill("#say", "hi")
    page.click("#send")
    wait(page, "document.getElementById('stop').disabled && document.querySelectorAll('.assistant').length == %d" % n)
    box = page.locator(".assistant").nth(n - 1)
    call = box.locator(".plain .call")
    assert call.count() == 1 and call.text_content() == "1+2\n\u2192 1+2\n<b>3", call.text_content()
    assert box.locator(".plain").text_content() == "ok" + call.text_content() + "."
    assert page.locator(".message b").count() == 0
page.click("#show")
tokens = box.locator("span:not(.plain) > .token")
assert [t for t in tokens.all_text_contents() if not t.startswith("<|")] == list("ok1+2.")
shown = box.locator(":scope > span:not(.plain)")
assert shown.text_content().replace("<|python_start|>", "").replace("<|python_end|>", "").startswith(
    "ok1+21+2\n\u2192 1+2\n<b>3.")
X
look 'the background follows the scheme' $how m <<'X'
colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
dark = sum(map(int, re.findall(r"\d+", colour)[:3])) < 380
assert dark == page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"), colour
X
done
done_testing
