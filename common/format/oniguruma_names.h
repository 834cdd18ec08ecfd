/* oniguruma_names.h - character properties by Oniguruma's names, as items of a
 * PCRE2 class
 *
 * Names are compared in lower case without blanks, - and _. A name that is
 * missing here is assumed to be a script.
 */
#define ONIG_SPACE "\\t-\\r \\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}" \
	"\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}"
#define ONIG_WORD "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}"
/* Outside brackets, the library uses a separate table for Latin-1, which includes
 * superscripts and fractions. */
#define ONIG_OUTER_WORD ONIG_WORD "\\x{b2}\\x{b3}\\x{b9}\\x{bc}-\\x{be}"
#define ONIG_XDIGIT "0-9A-Fa-f"

static const struct { const char *name, *items; } onig_properties[] = {
	{ "alnum", "\\p{Alphabetic}\\p{Nd}" }, { "alpha", "\\p{Alphabetic}" },
	{ "ascii", "\\x{0}-\\x{7f}" }, { "any", "\\x{0}-\\x{10ffff}" },
	{ "blank", "\\t\\p{Zs}" }, { "cntrl", "\\p{Cc}" }, { "digit", "\\p{Nd}" },
	{ "lower", "\\p{Lowercase}" }, { "upper", "\\p{Uppercase}" },
	{ "punct", "\\p{P}" }, { "space", ONIG_SPACE },
	{ "word", ONIG_WORD }, { "xdigit", ONIG_XDIGIT },
	{ "whitespace", ONIG_SPACE }, { "alphabetic", "\\p{Alphabetic}" },
	{ "lowercase", "\\p{Lowercase}" }, { "uppercase", "\\p{Uppercase}" },
	{ "emoji", "\\p{Emoji}" }, { "ideographic", "\\p{Ideographic}" },
	{ "math", "\\p{Math}" },
	{ "l", "\\p{L}" }, { "letter", "\\p{L}" },
	{ "lu", "\\p{Lu}" }, { "uppercaseletter", "\\p{Lu}" },
	{ "ll", "\\p{Ll}" }, { "lowercaseletter", "\\p{Ll}" },
	{ "lt", "\\p{Lt}" }, { "titlecaseletter", "\\p{Lt}" },
	{ "lm", "\\p{Lm}" }, { "modifierletter", "\\p{Lm}" },
	{ "lo", "\\p{Lo}" }, { "otherletter", "\\p{Lo}" },
	{ "m", "\\p{M}" }, { "mark", "\\p{M}" },
	{ "mn", "\\p{Mn}" }, { "nonspacingmark", "\\p{Mn}" },
	{ "mc", "\\p{Mc}" }, { "spacingmark", "\\p{Mc}" },
	{ "me", "\\p{Me}" }, { "enclosingmark", "\\p{Me}" },
	{ "n", "\\p{N}" }, { "number", "\\p{N}" },
	{ "nd", "\\p{Nd}" }, { "decimalnumber", "\\p{Nd}" },
	{ "nl", "\\p{Nl}" }, { "letternumber", "\\p{Nl}" },
	{ "no", "\\p{No}" }, { "othernumber", "\\p{No}" },
	{ "p", "\\p{P}" }, { "punctuation", "\\p{P}" },
	{ "pc", "\\p{Pc}" }, { "connectorpunctuation", "\\p{Pc}" },
	{ "pd", "\\p{Pd}" }, { "dashpunctuation", "\\p{Pd}" },
	{ "ps", "\\p{Ps}" }, { "openpunctuation", "\\p{Ps}" },
	{ "pe", "\\p{Pe}" }, { "closepunctuation", "\\p{Pe}" },
	{ "pi", "\\p{Pi}" }, { "initialpunctuation", "\\p{Pi}" },
	{ "pf", "\\p{Pf}" }, { "finalpunctuation", "\\p{Pf}" },
	{ "po", "\\p{Po}" }, { "otherpunctuation", "\\p{Po}" },
	{ "s", "\\p{S}" }, { "symbol", "\\p{S}" },
	{ "sm", "\\p{Sm}" }, { "mathsymbol", "\\p{Sm}" },
	{ "sc", "\\p{Sc}" }, { "currencysymbol", "\\p{Sc}" },
	{ "sk", "\\p{Sk}" }, { "modifiersymbol", "\\p{Sk}" },
	{ "so", "\\p{So}" }, { "othersymbol", "\\p{So}" },
	{ "z", "\\p{Z}" }, { "separator", "\\p{Z}" },
	{ "zs", "\\p{Zs}" }, { "spaceseparator", "\\p{Zs}" },
	{ "zl", "\\p{Zl}" }, { "lineseparator", "\\p{Zl}" },
	{ "zp", "\\p{Zp}" }, { "paragraphseparator", "\\p{Zp}" },
	{ "cc", "\\p{Cc}" }, { "control", "\\p{Cc}" },
	{ "cf", "\\p{Cf}" }, { "format", "\\p{Cf}" },
	{ "co", "\\p{Co}" }, { "privateuse", "\\p{Co}" },
};
