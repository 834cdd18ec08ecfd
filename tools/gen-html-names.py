#!/usr/bin/env python3
"""Generates common/html/names.h and names.c: the tags and attributes that get a
number, what the tree builder needs to know about each tag, and a collision-free
hash table for each of the two sets.

	python3 tools/gen-html-names.py common/html
"""
import random
import sys

# ---- the names; the flags are the element categories of the standard ----

VOID = "area base basefont bgsound br col embed frame hr img input keygen \
link meta param source track wbr"
SPECIAL = "address applet area article aside base basefont bgsound \
blockquote body br button caption center col colgroup dd details dir div dl \
dt embed fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 \
h6 head header hgroup hr html iframe img input keygen li link listing main \
marquee menu meta nav noembed noframes noscript object ol p param plaintext \
pre script search section select source style summary table tbody td template \
textarea tfoot th thead title tr track ul wbr xmp"
FORMATTING = "a b big code em font i nobr s small strike strong tt u"
IMPLIED = "dd dt li optgroup option p rb rp rt rtc"
THOROUGH = IMPLIED + " caption colgroup tbody td tfoot th thead tr"
SCOPE = "applet caption html table td th marquee object select template"
BREAKOUT = "b big blockquote body br center code dd div dl dt em embed h1 h2 \
h3 h4 h5 h6 head hr i img li listing menu meta nobr ol p pre ruby s small \
span strong strike sub sup table tt u ul var"
HEADING = "h1 h2 h3 h4 h5 h6"
# Opened at any depth, since insertion modes depend on them.
STRUCTURE = "html body head caption colgroup tbody thead tfoot tr td th"

OTHER = "abbr acronym audio bdi bdo blink canvas cite data datalist del dfn \
dialog ins kbd label legend map mark meter multicol nextid optgroup option \
output picture progress q rb rp rt rtc ruby samp selectedcontent slot span \
sub sup svg time var video spacer image isindex menuitem path g rect circle \
use defs line polygon polyline symbol ellipse text tspan desc foreignObject \
clipPath linearGradient radialGradient stop mask math mi mo mn ms mtext \
annotation-xml semantics mrow mglyph malignmark annotation mfrac msqrt mroot \
msup msub msubsup munder mover munderover mtable mtr mlabeledtr mtd mfenced \
mphantom"

# SVG names with capitals; the parser restores them.
SVG_TAGS = "altGlyph altGlyphDef altGlyphItem animateColor animateMotion \
animateTransform clipPath feBlend feColorMatrix feComponentTransfer \
feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap \
feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR \
feGaussianBlur feImage feMerge feMergeNode feMorphology feOffset \
fePointLight feSpecularLighting feSpotLight feTile feTurbulence \
foreignObject glyphRef linearGradient radialGradient textPath"
SVG_ATTRS = "attributeName attributeType baseFrequency baseProfile calcMode \
clipPathUnits diffuseConstant edgeMode filterUnits glyphRef \
gradientTransform gradientUnits kernelMatrix kernelUnitLength keyPoints \
keySplines keyTimes lengthAdjust limitingConeAngle markerHeight markerUnits \
markerWidth maskContentUnits maskUnits numOctaves pathLength \
patternContentUnits patternTransform patternUnits pointsAtX pointsAtY \
pointsAtZ preserveAlpha preserveAspectRatio primitiveUnits refX refY \
repeatCount repeatDur requiredExtensions requiredFeatures specularConstant \
specularExponent spreadMethod startOffset stdDeviation stitchTiles \
surfaceScale systemLanguage tableValues targetX targetY textLength viewBox \
viewTarget xChannelSelector yChannelSelector zoomAndPan"
# Attributes that get a namespace in foreign elements.
FOREIGN_ATTRS = "xlink:actuate xlink:arcrole xlink:href xlink:role \
xlink:show xlink:title xlink:type xml:lang xml:space xmlns xmlns:xlink"

ATTRS = "id class style href src alt title name type content property rel \
target width height value role lang dir for action method placeholder \
tabindex hidden checked selected disabled readonly required multiple charset \
http-equiv media sizes srcset loading decoding async defer crossorigin \
integrity referrerpolicy nonce itemprop itemtype itemscope itemid itemref \
datetime cite colspan rowspan scope align valign bgcolor border cellpadding \
cellspacing color face size frameborder allowfullscreen allow sandbox \
scrolling srcdoc autocomplete maxlength min max step pattern onclick onload \
onsubmit onchange xmlns:xlink xml:base d fill stroke stroke-width \
stroke-linecap stroke-linejoin fill-rule clip-rule viewbox x y cx cy r rx ry \
x1 y1 x2 y2 points transform version focusable enctype aria-label \
aria-hidden aria-expanded aria-controls aria-labelledby aria-describedby \
aria-haspopup aria-current aria-live aria-selected data-testid data-src \
data-srcset data-id data-url data-type data-title data-href data-toggle \
data-target data-action data-name data-value data-track data-component \
data-module language encoding definitionurl prefix typeof about resource \
vocab datatype accesskey accept hreflang download ping usemap shape coords \
start reversed open controls autoplay loop muted poster preload kind srclang \
label fetchpriority is slot part nowrap clear noshade hspace vspace text \
link vlink alink background summary abbr headers rev profile code codebase \
archive object data shadowrootmode alttext data-line-number"


def words(*lists):
	"""Lower-case names without duplicates, in order."""
	return list(dict.fromkeys(w.lower() for s in lists for w in s.split()))


TAGS = words(SPECIAL, FORMATTING, OTHER, SVG_TAGS)
ATTRIBUTES = words(ATTRS, SVG_ATTRS, FOREIGN_ATTRS)

FLAGS = [("VOID", VOID), ("SPECIAL", SPECIAL), ("FORMATTING", FORMATTING),
	("IMPLIED", IMPLIED), ("THOROUGH", THOROUGH), ("SCOPE", SCOPE),
	("BREAKOUT", BREAKOUT), ("HEADING", HEADING), ("STRUCTURE", STRUCTURE)]

# ---- the hash: the same as in tags.c ----

MASK = (1 << 64) - 1


def key(name):
	b = name.encode()
	if len(b) < 8:
		return int.from_bytes(b, "little") ^ len(b) << 56
	last = int.from_bytes(b[-8:], "little")
	k = int.from_bytes(b[:8], "little")
	return k ^ (last << 29 | last >> 35) & MASK ^ len(b) << 56


def perfect(names, bits, rng):
	"""A multiplier that gives each name its own slot."""
	keys = [key(n) for n in names]
	assert len(set(keys)) == len(keys)
	while True:
		m = rng.getrandbits(64) | 1
		if len({(k * m & MASK) >> 64 - bits for k in keys}) == len(keys):
			return m


def slots(names, bits, mul):
	t = [0] * (1 << bits)
	for i, n in enumerate(names):
		t[(key(n) * mul & MASK) >> 64 - bits] = i + 1
	return t


def ident(name):
	return "".join(c if c.isalnum() else "_" for c in name).upper()


def table(out, decl, rows):
	line = "\t"
	out.append(decl + " = {")
	for r in rows:
		if len(line) + len(r) > 72:
			out.append(line.rstrip())
			line = "\t"
		line += r + ", "
	out += [line.rstrip(), "};", ""]


def enum(out, name, prefix, names, none, last):
	line = "\t"
	out.append("enum %s {" % name)
	out.append("\t%s%s,\t/* %s */" % (prefix, none[0], none[1]))
	for n in names:
		w = prefix + ident(n)
		if len(line) + len(w) > 72:
			out.append(line.rstrip())
			line = "\t"
		line += w + ", "
	out += [line.rstrip(), "\t" + last, "};", ""]


def header(bits):
	out = ["/* names.h - numbers of the names that the HTML parser"
		" knows",
		" *", " * Written by tools/gen-html-names.py; change that.", " */",
		"#ifndef PIPELM_HTML_NAMES_H", "#define PIPELM_HTML_NAMES_H", "",
		"#include <stdint.h>", ""]
	enum(out, "tag", "TAG_", TAGS,
		("UNKNOWN", "any other name"), "TAG_COUNT")
	enum(out, "attr_id", "ATTR_", ATTRIBUTES,
		("UNKNOWN", "any other name"), "ATTR_COUNT")
	out.append("/* What the standard's lists say of a tag: bits of"
		" html_tag_flags[tag]. */")
	out.append("enum tag_flag {")
	for i, (n, _) in enumerate(FLAGS):
		out.append("\tTAG_IS_%s = %#x," % (n, 1 << i))
	out += ["};", "",
		"extern const uint16_t html_tag_flags[TAG_COUNT];", "",
		"/* Names in lower case; index 0 is the empty string. */",
		"extern const char *const html_tag_names[TAG_COUNT];",
		"extern const char *const html_attr_names[ATTR_COUNT];", "",
		"/* Names as SVG writes them where that has capitals, or NULL. */",
		"extern const char *const html_svg_tag_names[TAG_COUNT];",
		"extern const char *const html_svg_attr_names[ATTR_COUNT];", "",
		"/* Hash tables without collisions: see tags.c. */",
		"#define HTML_TAG_BITS %d" % bits[0],
		"#define HTML_TAG_MUL %#xu" % bits[1],
		"#define HTML_ATTR_BITS %d" % bits[2],
		"#define HTML_ATTR_MUL %#xu" % bits[3],
		"extern const uint64_t html_tag_keys[TAG_COUNT];",
		"extern const uint64_t html_attr_keys[ATTR_COUNT];",
		"extern const uint16_t html_tag_slots[1 << HTML_TAG_BITS];",
		"extern const uint16_t html_attr_slots[1 << HTML_ATTR_BITS];",
		"", "#endif"]
	return out


def quoted(names):
	return ['"%s"' % n for n in [""] + names]


def svg(names, spelled):
	rows = []
	for w in sorted(set(spelled.split())):
		prefix = "TAG_" if names is TAGS else "ATTR_"
		rows.append('[%s%s] = "%s"' % (prefix, ident(w), w))
	return rows


def source(bits):
	out = ["/* names.c - tables of names: see names.h",
		" *", " * Written by tools/gen-html-names.py; change that.", " */",
		'#include "common/html/names.h"', "", "#include <stddef.h>", ""]
	flags = ["0"]
	for t in TAGS:
		flags.append("%#x" % sum(1 << i for i, (_, s) in enumerate(FLAGS)
			if t in s.split()))
	table(out, "const uint16_t html_tag_flags[TAG_COUNT]", flags)
	table(out, "const char *const html_tag_names[TAG_COUNT]", quoted(TAGS))
	table(out, "const char *const html_attr_names[ATTR_COUNT]",
		quoted(ATTRIBUTES))
	table(out, "const char *const html_svg_tag_names[TAG_COUNT]",
		svg(TAGS, SVG_TAGS))
	table(out, "const char *const html_svg_attr_names[ATTR_COUNT]",
		svg(ATTRIBUTES, SVG_ATTRS))
	for decl, names in (("tag_keys[TAG_COUNT]", TAGS),
			("attr_keys[ATTR_COUNT]", ATTRIBUTES)):
		table(out, "const uint64_t html_" + decl,
			["%#xu" % key(n) for n in [""] + names])
	table(out, "const uint16_t html_tag_slots[1 << HTML_TAG_BITS]",
		map(str, slots(TAGS, bits[0], bits[1])))
	table(out, "const uint16_t html_attr_slots[1 << HTML_ATTR_BITS]",
		map(str, slots(ATTRIBUTES, bits[2], bits[3])))
	return out[:-1]


def main():
	rng = random.Random(1)
	tag_bits, attr_bits = 12, 12
	bits = (tag_bits, perfect(TAGS, tag_bits, rng),
		attr_bits, perfect(ATTRIBUTES, attr_bits, rng))
	for name, lines in (("names.h", header(bits)),
			("names.c", source(bits))):
		with open("%s/%s" % (sys.argv[1], name), "w") as f:
			f.write("\n".join(lines) + "\n")


main()
