#!/bin/sh
# The layout of extracted text: repeated text, tables, listings, line breaks,
# loose text, hidden elements, formulas, invisible characters, titles; and limits
# that are reported when they take effect.
. "${0%/*}/lib.sh"

needs_command python3

first='In the autumn the keeper of the lighthouse painted the stairs, all of the
two hundred and twelve, and nobody was allowed up for three days.'
last='He wrote the names of the ships that passed into a book. When the book was
full, he began another one, and by the end there were thirty.'

# page: standard input between the two paragraphs
page() {
	echo '<!doctype html><meta charset=utf-8><title>The lighthouse</title>'
	printf '<article><p>%s</p>' "$first"
	cat
	printf '<p>%s</p></article>' "$last"
}
text() {
	python3 -c 'import json, sys
doc, = map(json.loads, sys.stdin)
sys.stdout.buffer.write((doc["text"] + "\n").encode())'
}
# shows WANT: of the page on standard input exactly the lines WANT, a printf
# format, are between the two paragraphs
shows() {
	page >page.html
	crawlclean -q -x page.html | text >out
	{
		echo "$first" | tr '\n' ' ' | sed 's/ $//'
		printf '\n\n'
		[ -z "$1" ] || printf -- "$1\n\n"
		echo "$last" | tr '\n' ' ' | sed 's/ $//'
		echo
	} >want
	diff want out
}
# a dialogue in which one answer occurs twice
said() {
	echo '<p>“Where is the lamp?” she asked him in a low voice.</p>'
	echo '<p>“I do not know.”</p>'
	echo '<p>“Then who has it, if not the old man on the hill?”</p>'
	echo '<p>“I do not know.”</p>'
}

# ---- repeated text ----

ok 'an answer given twice is kept twice' '
	said | shows "“Where is the lamp?” she asked him in a low voice.\n
“I do not know.”\n
“Then who has it, if not the old man on the hill?”\n
“I do not know.”"
'
ok 'a refrain, of one line and of more than twenty words, is kept' '
	refrain="Row the boat home over the dark water, row her home to the lamp"
	refrain="$refrain on the cape, row her home before the wind comes up."
	{
		echo "<p>$refrain</p><p>The fog is low on the harbour tonight.</p>"
		echo "<p>$refrain</p><p>The lamp is lit on the cape tonight.</p>"
		echo "<p>$refrain</p>"
	} | shows "$refrain\n\nThe fog is low on the harbour tonight.\n
$refrain\n\nThe lamp is lit on the cape tonight.\n\n$refrain"
'
ok 'listings that differ only in operators, case or brackets are kept' '
	shows "To add, write this line:\n\nr = a + b + c\n
To subtract, write this one instead:\n\nr = a - b - c\n
For a list, write this one:\n\nR = [a, b, c]" <<-\X
	<p>To add, write this line:</p><pre>r = a + b + c</pre>
	<p>To subtract, write this one instead:</p><pre>r = a - b - c</pre>
	<p>For a list, write this one:</p><pre>R = [a, b, c]</pre>
	X
'
ok 'equal cells in one row and in the next are kept' '
	shows "Year\tFuel of the lamp\tKeeper
1871\twhale oil from the north\tAnna
1872\twhale oil from the north\tCarl" <<-\X
	<table><tr><th>Year<th>Fuel of the lamp<th>Keeper
	<tr><td>1871<td>whale oil from the north<td>Anna
	<tr><td>1872<td>whale oil from the north<td>Carl</table>
	X
'
ok 'equal list items are kept' '
	shows "- whale oil from the north\n- lamp oil\n- whale oil from the north" <<-\X
	<ul><li>whale oil from the north<li>lamp oil<li>whale oil from the north</ul>
	X
'
ok 'a line that asks to share the page is kept at most once' '
	share="<div class=share><p>Share this story with your friends</p></div>"
	{ echo "$share"; said; echo "$share"; } | page >page.html
	crawlclean -q -x page.html | text >out
	test "$(grep -c "Share this" out)" -le 1
	test "$(grep -c "I do not know" out)" = 2
'
ok 'a part of the page duplicated for narrow screens is kept once' '
	long="The boat was found high up on the rocks, and nobody knows how she"
	long="$long came there, or who had been on board."
	echo "<div class=wide><p>$long</p></div><div class=narrow><section>
	<p>$long</p></section></div>" | shows "$long"
'
# Items this short would not be judged one by one.
ok 'so is a part of short lines, with none of them lost' '
	list="<p>The tour includes:</p><ul><li>the lamp room<li>tea with the keeper
	<li>a boat to the cape<li>the book of ships<li>a climb of the stairs</ul>"
	{
		echo "<div class=wide>$list</div>"
		echo "<p>Book early, for the boat has room for nine.</p>"
		echo "<div class=narrow><section>$list</section></div>"
	} | shows "The tour includes:\n\n- the lamp room\n- tea with the keeper
- a boat to the cape\n- the book of ships\n- a climb of the stairs\n
Book early, for the boat has room for nine."
'
ok 'lines that two lists share stay in both' '
	same="<li>a boat to the cape and back<li>the book of all the ships
	<li>a climb of the winding stairs<li>a look at the old lamp"
	{
		echo "<p>The short tour:</p><ul class=short>$same<li>tea</ul>"
		echo "<p>The long tour:</p><ul class=long>$same<li>supper</ul>"
	} | page >page.html
	crawlclean -q -x page.html | text >out
	for line in "a boat to the cape and back" "the book of all the ships" \
		"a climb of the winding stairs" "a look at the old lamp"
	do test "$(grep -c -x -e "- $line" out)" = 2; done
'
ok 'a quotation around a listing loses repeated text, not the listing' '
	echo="<div>It worked with the lamp at four turns of the key:
	<pre>lamp = 4</pre>The reason is that nobody had ever oiled the lock of
	the lamp room.<pre>oil = 2</pre></div>"
	{
		echo "$echo"
		echo "<blockquote>$echo</blockquote>"
		echo "<p>Thank you, that was it, and now it burns.</p>"
	} | page >page.html
	crawlclean -q -x page.html | text >out
	test "$(grep -c "nobody had ever oiled" out)" = 1
	test "$(grep -c -x "lamp = 4" out)" = 2
	grep "now it burns" out
'
# posts MARK: two posts of one author, each preceded by the content of MARK
posts() {
	for post in 'Who has seen the lamp of the old keeper, the one of brass?' \
		'Never mind, it stood in the boat house all the time.'
	do
		printf '<div class=post>%s<div class=body><p>%s</p></div></div>' \
			"$1" "$post"
	done
}
ok 'the text about the author of each forum post appears at most once' '
	profile="<p>Keeps lamps since the great storm</p>"
	for class in postprofile message-user author_information signature
	do
		posts "<div class=$class>$profile</div>" | page >page.html
		crawlclean -q -x page.html | text >out
		test "$(grep -c "since the great storm" out)" -le 1
		grep "lamp of the old keeper" out && grep "in the boat house" out
	done
	posts "$profile" | page >page.html
	crawlclean -q -x page.html | text >out
	test "$(grep -c "since the great storm" out)" = 2
'

# ---- tables ----

ok 'empty cells keep their tab: first, middle and last' '
	shows "Year\tOil\tGas\tWind\n1990\t\t12\t3\n\t5\t6\t7\n1992\t8\t9\t" <<-\X
	<table><tr><th>Year<th>Oil<th>Gas<th>Wind
	<tr><td>1990<td><td>12<td>3
	<tr><td> &nbsp; <td>5<td>6<td>7
	<tr><td>1992<td>8<td>9<td></table>
	X
'
ok 'values stay in their column if cells span columns and rows' '
	shows "Year\tOil\t\tKeeper\n1871\twhale\t2\tAnna\n\tlamp\t3\tBert\n1872\tgas\t4\tCarl" <<-\X
	<table><tr><th>Year<th colspan=2>Oil<th>Keeper
	<tr><td rowspan=2>1871<td>whale<td>2<td>Anna
	<tr><td>lamp<td>3<td>Bert
	<tr><td>1872<td>gas<td>4<td>Carl</table>
	X
'
ok 'one line break in a cell is a line break, two separate paragraphs' '
	shows "The lamp is lit, the sea is grey,
The gulls come home at close of day.\n
He winds the clock, he trims the wick,
The fog is low, the fog is thick." <<-\X
	<table><tr><td>The lamp is lit, the sea is grey,<br>
	The gulls come home at close of day.<br>
	<br>
	He winds the clock, he trims the wick,<br>The fog is low, the fog is
	thick.</table>
	X
'
ok 'a layout table gives paragraphs without tabs' '
	shows "The storm of the year\n
In that night nobody slept on the cape, and the lamp went out twice before the morning came.\n
In the morning the sea lay still, and they found the boat again." <<-\X
	<table><tr><td></td><td><h2>The storm of the year</h2>
	<p>In that night nobody slept on the cape, and the lamp went out twice
	before the morning came.</p><p>In the morning the sea lay still, and
	they found the boat again.</p></td><td></td></tr></table>
	X
'

# ---- listings ----

code='int main(void)\n{\n\n    return 0;\n}'
ok 'lines of a listing that are div elements' '
	shows "$code" <<-\X
	<pre><code><div>int main(void)</div><div>{</div><div><br></div><div>    return 0;</div><div>}</div></code></pre>
	X
'
ok 'lines of a listing that are items of a list' '
	shows "$code" <<-\X
	<pre class="prettyprint"><ol class="linenums"><li>int main(void)</li>
	<li>{</li><li></li><li>    return 0;</li><li>}</li></ol></pre>
	X
'
ok 'a list item keeps the listing inside it' '
	shows "- Write the program like this:\n$code" <<-\X
	<ul><li>Write the program like this:<pre>int main(void)
	{

	    return 0;
	}
	</pre></ul>
	X
'
ok 'lines styled as pre, items around div, numbers in a separate code element' '
	printf "<pre><code><span style=\"display:block\">a = 1</span><span style=\"display: block\">  b = 2</span></code></pre>" |
		shows "a = 1\n  b = 2"
	printf "<pre><ol><li><div>a = 1</div></li><li><div></div></li><li><div>  b = 2</div></li></ol></pre>" |
		shows "a = 1\n\n  b = 2"
	printf "<pre><code><span class=\"react-syntax-highlighter-line-number\">1\n</span><span class=\"react-syntax-highlighter-line-number\">2\n</span></code><code>a = 1\nb = 2\n</code></pre>" |
		shows "a = 1\nb = 2"
'
ok 'the cells of a notebook, whatever their class' '
	for class in input input_area search; do
		for i in 1 2; do
			printf "<div class=%s><pre>x = f(%d)\nprint(x)</pre></div>" \
				$class $i
			echo "<div class=output><pre>array([1, 2, 3])</pre></div>"
		done | shows "x = f(1)\nprint(x)\n
array([1, 2, 3])\n
x = f(2)\nprint(x)\n
array([1, 2, 3])"
	done
'
ok 'paragraphs in a cell of a table with headings are lines of the cell' '
	shows "Ship\tCrew\nAnna\tJim\nBerta\tPat\nKim" <<-\X
	<table><tr><th>Ship<th>Crew<tr><td>Anna<td>Jim
	<tr><td>Berta<td><p>Pat</p><p>Kim</p></table>
	X
'
ok 'elements unknown to HTML continue the line of the text around them' '
	shows "The lamp was lit two days ago by the keeper of the light." <<-\X
	<p>The lamp was lit <time-ago>two days ago</time-ago> by <x:who>the
	keeper</x:who> of the light.</p>
	X
'
ok 'an element that a style makes a block is a line' '
	shows "The lamp on the cape is lit\nthe whole of the night" <<-\X
	<p><span style="display:block">The lamp on the cape is lit</span><span style="color:red;display:block">the whole of the night</span></p>
	X
'
ok 'xmp elements and the style white-space: pre' '
	printf "<xmp>  <b>\n    x</xmp><div style=\"white-space: pre\"><div>a</div><div>  b</div></div>" |
		shows "  <b>\n    x\n\na\n  b"
'

# numbered NAME: the listing on standard input keeps its code without line numbers
numbered() {
	cat >listing.in
	ok "line numbers of $1" "shows '$code' <listing.in"
}
numbered Pygments <<'X'
<div class="highlight"><table class="highlighttable"><tr><td class="linenos"><div
class="linenodiv"><pre><span class="normal">1</span>
<span class="normal">2</span>
<span class="normal">3</span>
<span class="normal">4</span>
<span class="normal">5</span></pre></div></td><td class="code"><div><pre><span></span><span
class="kt">int</span> main(<span class="kt">void</span>)
{

    <span class="k">return</span> 0;
}
</pre></div></td></tr></table></div>
X
numbered 'Sphinx, inline' <<'X'
<div class="highlight"><pre><span></span><span class="linenos">1</span>int main(void)
<span class="linenos">2</span>{
<span class="linenos">3</span>
<span class="linenos">4</span>    return 0;
<span class="linenos">5</span>}
</pre></div>
X
numbered Rouge <<'X'
<div class="highlight"><pre class="highlight"><code><table class="rouge-table"><tbody><tr><td
class="rouge-gutter gl"><pre class="lineno">1
2
3
4
5
</pre></td><td class="rouge-code"><pre>int main(void)
{

    return 0;
}
</pre></td></tr></tbody></table></code></pre></div>
X
numbered GitHub <<'X'
<table class="highlight js-file-line-container" data-tab-size="8">
 <tr>
  <td id="L1" class="blob-num" data-line-number="1"></td>
  <td id="LC1" class="blob-code">int main(<span>void</span>)</td>
 </tr>
 <tr>
  <td id="L2" class="blob-num" data-line-number="2"></td>
  <td id="LC2" class="blob-code">{</td>
 </tr>
 <tr>
  <td id="L3" class="blob-num" data-line-number="3"></td>
  <td id="LC3" class="blob-code">
</td>
 </tr>
 <tr>
  <td id="L4" class="blob-num" data-line-number="4"></td>
  <td id="LC4" class="blob-code">    return 0;</td>
 </tr>
 <tr>
  <td id="L5" class="blob-num" data-line-number="5"></td>
  <td id="LC5" class="blob-code">}</td>
 </tr>
</table>
X
numbered highlightjs-line-numbers <<'X'
<pre><code class="hljs c"><table class="hljs-ln"><tbody><tr><td class="hljs-ln-numbers"
data-line-number="1"><div class="hljs-ln-n" data-line-number="1">1</div></td><td
class="hljs-ln-code">int main(void)</td></tr><tr><td class="hljs-ln-numbers"
data-line-number="2">2</td><td class="hljs-ln-code">{</td></tr><tr><td
class="hljs-ln-numbers" data-line-number="3">3</td><td class="hljs-ln-code"></td></tr><tr><td
class="hljs-ln-numbers" data-line-number="4">4</td><td class="hljs-ln-code">    return 0;</td></tr><tr><td
class="hljs-ln-numbers" data-line-number="5">5</td><td class="hljs-ln-code">}</td></tr></tbody></table></code></pre>
X
numbered 'Hexo, in a figure' <<'X'
<figure class="highlight c"><table><tr><td class="gutter"><pre><span class="line">1</span><br><span
class="line">2</span><br><span class="line">3</span><br><span class="line">4</span><br><span
class="line">5</span><br></pre></td><td class="code"><pre><span class="line">int main(void)</span><br><span
class="line">{</span><br><span class="line"></span><br><span class="line">    return 0;</span><br><span
class="line">}</span><br></pre></td></tr></table></figure>
X
numbered SyntaxHighlighter <<'X'
<div class="syntaxhighlighter"><table><tbody><tr><td class="gutter"><div class="line">1</div><div
class="line">2</div><div class="line">3</div><div class="line">4</div><div class="line">5</div></td><td
class="code"><div class="container"><div class="line"><code>int main(void)</code></div><div
class="line"><code>{</code></div><div class="line"><br></div><div
class="line"><code>&nbsp;&nbsp;&nbsp;&nbsp;</code><code>return 0;</code></div><div
class="line"><code>}</code></div></div></td></tr></tbody></table></div>
X
numbered Chroma <<'X'
<div class="highlight"><table class="lntable"><tr><td class="lntd"><pre><code><span class="lnt">1
</span><span class="lnt">2
</span><span class="lnt">3
</span><span class="lnt">4
</span><span class="lnt">5
</span></code></pre></td><td class="lntd"><pre><code>int main(void)
{

    return 0;
}
</code></pre></td></tr></table></div>
X
numbered 'a highlighter without classes' <<'X'
<table><tr><td><pre>10
11
12
13
14</pre></td><td><pre>int main(void)
{

    return 0;
}</pre></td></tr></table>
X
ok 'row numbers that are values stay' '
	shows "1\tAnna went home\n2\tBert stayed there" <<-\X
	<table><tr><td class="number">1</td><td>Anna went home</td></tr>
	<tr><td class="number">2</td><td>Bert stayed there</td></tr></table>
	X
'

# ---- lines and loose text ----

ok 'two line breaks separate paragraphs, with or without blanks between them' '
	shows "In that night nobody slept on the cape, and the lamp went out twice.\n
In the morning the sea lay still,\nand they found the boat again.\n
She lay high up on the rocks." <<-\X
	<div>In that night nobody slept on the cape, and the lamp went out
	twice.<br><br>In the morning the sea lay still,<br>and they found the
	boat again. <br> &nbsp; <br/> She lay high up on the rocks.</div>
	X
'
ok 'text without an element between blocks' '
	{
		echo "<!doctype html><meta charset=utf-8><title>The lighthouse</title>"
		echo "<main><section><p>First words of the story stand here.</p>"
		echo "This tail has <b>no</b> element of its own<div>"
		echo "<h4>There should be a space</h4><p>$first</p>This has none"
		echo "either<div><h4>Where is the space</h4><p>$last</p></div></div>"
	} >page.html
	crawlclean -q -x page.html | text | sed "/^$/d" >out
	{
		echo "First words of the story stand here."
		echo "This tail has no element of its own"
		echo "There should be a space"
		echo "$first" | tr "\n" " " | sed "s/ $//"
		printf "\nThis has none either\nWhere is the space\n"
		echo "$last" | tr "\n" " " | sed "s/ $//"
		echo
	} | sed "/^$/d" >want
	diff want out
'

# ---- hidden elements ----

seen='<p>Visitors who climb the stairs see the islands on a clear day.</p>'
want='Visitors who climb the stairs see the islands on a clear day.'
secret='Secret words that nobody sees on the page at all.'
# hides NAME HTML: nothing of the HTML is in the text
hides() {
	printf '%s%s' "$2" "$seen" >hidden.in
	ok "left out: $1" "shows '$want' <hidden.in"
}
hides 'display: none' "<div style='color: red; DISPLAY : none'><p>$secret</p></div>"
hides 'the hidden attribute' "<div hidden><p>$secret</p></div>"
hides 'visibility: hidden' "<p style='visibility:hidden'>$secret</p>"
hides 'visibility: collapse, important' \
	"<p style='visibility:collapse!important;visibility:visible'>$secret</p>"
hides 'a style with comments' \
	"<p style='/* a; b */ display: /**/none'>$secret</p>"
hides 'a closed dialog' "<dialog><p>$secret</p></dialog>"
hides 'a template' "<template><p>$secret</p></template>"
ok 'left out: words within a line' '
	shows "The lamp burns all night over the whole of the sound, they say." <<-\X
	<p>The lamp <span style="display:none">never </span>burns <b hidden>not
	</b>all night over the whole of the sound, they say.</p>
	X
'
# keeps NAME HTML
keeps() {
	printf '%s' "$2" >seen.in
	ok "kept: $1" "shows '$want' <seen.in"
}
keeps 'details, which the reader can open' "<details>$seen</details>"
keeps 'a tab panel' "<div hidden role=tabpanel>$seen</div>"
keeps 'an accordion item' "<div style='display:none' class='accordion-item'>$seen</div>"
keeps 'an open dialog' "<dialog open>$seen</dialog>"
keeps 'hidden until found' "<div hidden=until-found>$seen</div>"
keeps 'an element shown by a later declaration' "<div style='display:none;display:block'>$seen</div>"
ok 'kept: a page hidden as a whole until a script shows it' '
	echo "<body><div style=\"visibility:hidden\">$(echo | page)</div>" >page.html
	crawlclean -q -x page.html | text >out
	grep "painted the stairs" out && grep "began another one" out
'

# ---- formulas ----

# formula NAME TEX HTML
formula() {
	printf '<p>In his book stands that %s holds for each lamp of the coast.</p>' \
		"$3" >formula.in
	printf '%s' "$2" | sed 's/\\/&&/g' >tex
	ok "formula: $1" 'shows "In his book stands that $(cat tex) holds for each lamp of the coast." <formula.in'
}
formula 'annotation' 'A=\pi r^2' '<math><semantics><mrow><mi>A</mi><mo>=</mo><mi>π</mi><msup><mi>r</mi><mn>2</mn></msup></mrow><annotation encoding="application/x-tex">A=\pi r^2</annotation></semantics></math>'
formula 'alttext' 'E=mc^{2}' '<math alttext="E=mc^{2}"><mi>E</mi></math>'
formula 'fraction, root and power' '\frac{a+b}{c}=\sqrt{x^2}' '<math><mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mi>c</mi></mfrac><mo>=</mo><msqrt><msup><mi>x</mi><mn>2</mn></msup></msqrt></math>'
formula 'limits, functions and words' '∑_{i=1}^nx_i≤sin y\text{ for all }z_1^2' '<math><munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><msub><mi>x</mi><mi>i</mi></msub><mo>≤</mo><mi>sin</mi><mo>&#x2061;</mo><mi>y</mi><mtext> for all </mtext><msubsup><mi>z</mi><mn>1</mn><mn>2</mn></msubsup></math>'
formula 'table, brackets and accents' '(a,b)\vec{v}\sqrt[3]{q}\begin{matrix}1 & 0 \\ 0 & 1\end{matrix}' '<math><mfenced><mi>a</mi><mi>b</mi></mfenced><mover><mi>v</mi><mo>→</mo></mover><mroot><mi>q</mi><mn>3</mn></mroot><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn></mtd></mtr><mtr><mtd><mn>0</mn></mtd><mtd><mn>1</mn></mtd></mtr></mtable></math>'
formula 'MathJax 2 script' 'E=mc^2' '<script type="math/tex">E=mc^2</script>'
formula 'rendered by MathJax 2' 'E=mc^2' '<span class="MathJax_Preview">E</span><span class="MathJax"><nobr>E=mc2</nobr><span class="MJX_Assistive_MathML"><math><mi>E</mi></math></span></span><script type="math/tex">E=mc^2</script>'
formula 'MathJax 3' 'E=mc^2' '<mjx-container class="MathJax"><mjx-math aria-hidden="true"><mjx-mi></mjx-mi></mjx-math><mjx-assistive-mml><math><mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup></math></mjx-assistive-mml></mjx-container>'
formula 'KaTeX' 'x_1+1' '<span class="katex"><span class="katex-mathml"><math><semantics><mi>x</mi><annotation encoding="application/x-tex">x_1+1</annotation></semantics></math></span><span class="katex-html" aria-hidden="true">x1+1</span></span>'
formula 'MediaWiki, in a hidden element' 'E=mc^{2}' '<span class="mwe-math-element"><span class="mwe-math-mathml-inline mwe-math-mathml-a11y" style="display: none;"><math alttext="{\displaystyle E=mc^{2}}"><mi>E</mi></math></span><img class="mwe-math-fallback-image-inline" alt="E"></span>'
formula 'several annotations, one of them TeX' 'A=\pi r^2' '<math><semantics><mi>A</mi><annotation encoding="StarMath 5.0">A = %pi r^2</annotation><annotation encoding="Maple">A = Pi*r^2</annotation><annotation encoding="TeX">A=\pi r^2</annotation></semantics></math>'
formula 'an annotation that is not TeX' 'x^2' '<math><semantics><msup><mi>x</mi><mn>2</mn></msup><annotation encoding="StarMath 5.0">x sup 2</annotation></semantics></math>'
formula 'a script not in display mode' 'x=1' '<script type="math/tex; mode=inline">x=1</script>'
ok 'formula: a script in display mode is on a separate line' '
	shows "In his book stands that\nx=1\nholds for each lamp of the coast." <<-\X
	<p>In his book stands that <script type="math/tex; mode=display">x=1</script>
	holds for each lamp of the coast.</p>
	X
'
ok 'formula: a displayed formula is on a separate line' '
	shows "In his book stands that\nx=1\nholds for each lamp of the coast." <<-\X
	<p>In his book stands that <math display="block"><mi>x</mi><mo>=</mo><mn>1</mn></math>
	holds for each lamp of the coast.</p>
	X
'

# ---- characters ----

ok 'soft hyphens, control characters and word joiners are dropped' '
	printf "<p>Die Unter\302\255nehmen und die Frei&shy;berufler\007 be\342\201\240ll\033 sind seit vielen Jahr\302\226en hier.</p>" |
		shows "Die Unternehmen und die Freiberufler bell sind seit vielen Jahren hier."
'
ok 'they are dropped in listings too, where a no-break space becomes a space' '
	printf "<p>Write the program like this:</p><pre>int\302\255 x;\n\302\240\302\240y\007 = 1;\tz();</pre>" |
		shows "Write the program like this:\n\nint x;\n  y = 1;\tz();"
'
ok 'a zero-width space is not a space, and is dropped next to one' '
	zw=$(printf "\342\200\213")
	printf "<p>ភ្នំពេញ${zw}ជា${zw}រាជធានី នៃ$zw ប្រទេស${zw}កម្ពុជា។$zw</p><p>$zw</p><p>%s</p>" "$want" |
		shows "ភ្នំពេញ${zw}ជា${zw}រាជធានី នៃ ប្រទេស${zw}កម្ពុជា។\n\n$want"
'
ok 'titles and authors are one line with single spaces' '
	echo | page | sed "s|<title>.*</title>|<title>\n  Tom \&amp; Jerry \&mdash;\n   the   pa\&shy;ge </title><meta name=author content=\"Ann\n  \&nbsp; Ox\">|" >page.html
	crawlclean -q -x page.html >out
	python3 -c "import json
m = json.load(open(\"out\"))[\"metadata\"]
assert m[\"title\"] == \"Tom & Jerry \u2014 the page\", m
assert m[\"author\"] == \"Ann Ox\", m"
'

# ---- limits ----

ok 'a table of 300,000 cells is complete' '
	awk "BEGIN { print \"<table>\"; for (i = 0; i < 100000; i++)
		printf \"<tr><td>Name %d<td>%d<td>%d\", i, 2 * i, 3 * i
		print \"</table>\" }" | page >page.html
	crawlclean -x page.html 2>err | text >out
	grep -x "Name 99999	199998	299997" out && grep "began another" out
	test "$(grep -c "^Name" out)" = 100000
	not grep "cut off" err
'
ok 'a truncated page is reported and counted' '
	awk "BEGIN { for (i = 0; i < 410000; i++) print \"<p>a\" }" >long.html
	echo | page >page.html
	crawlclean -q -x --stats stats -v long.html page.html 2>err >out
	grep "long.html: more than 400,000 paragraphs and cells" err
	grep "1 page had more than 400,000" err
	grep -x "cut-blocks	1" stats && grep -x "too-deep	0" stats
'
ok 'a page nested too deeply is reported, and its text is complete' '
	{ awk "BEGIN { for (i = 0; i < 600; i++) print \"<div>\" }"; echo "$seen"; } |
		page >page.html
	crawlclean -q -x --stats stats page.html >out 2>err
	text <out | grep "see the islands" && grep "1 page had elements nested" err
	grep -x "too-deep	1" stats
'
done_testing
