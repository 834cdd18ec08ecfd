/* words_special.c - words that are cut by list: see words.h
 *
 * Contractions are made from stems and endings; '|' stands where a word ends.
 */
#include "common/filter/words.h"

#include <stdio.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/map.h"
#include "common/base/utf8.h"

/* Every stem, also with a capital, before every ending. */
static const struct {
	const char *stems, *endings;
} contractions[] = {
	{ "i", "'m m 'm|a m|a" },
	{ "i you he she it we they", "'ll ll 'll|'ve ll|ve 'd d 'd|'ve d|ve" },
	{ "i you we they", "'ve ve" },
	{ "you we they", "'re re" },
	{ "he she it", "'s s" },
	{ "who what when where why how there that this", "'s s" },
	{ "who what when where why how there that this these those",
	  "'ll ll 'll|'ve ll|ve 'd d 'd|'ve d|ve" },
	{ "who what when where why how there these those",
	  "'re re 've ve" },
	{ "ca could do does did had may might must need ought sha should wo "
	  "would", "n't nt n't|'ve nt|ve" },
	{ "could might must should would", "'ve ve" },
	{ "ai are is was were have has dare", "n't nt" },
	{ "1 2 3 4 5 6 7 8 9 10 11 12", "a.m. am p.m. pm" },
};

/* Made by the lines above, but words of their own. */
static const char not_special[] =
	"Ill ill Its its Hell hell Shell shell Shed shed were Were Well well "
	"Whore whore";

static const char listed[] =
	"y'|all y|all how|'d|'y How|'d|'y not|'ve not|ve Not|'ve Not|ve "
	"can|not Can|not gon|na Gon|na got|ta Got|ta let|'s Let|'s c'm|on "
	"C'm|on "
	"doin Doin doin' Doin' goin Goin goin' Goin' nothin Nothin nothin' "
	"Nothin' nuthin Nuthin nuthin' Nuthin' ol Ol ol' Ol' somethin "
	"Somethin somethin' Somethin' em 'em ll 'll nuff 'nuff "
	"'S 's \u2018S \u2018s and/or w/o 're 'Cause 'cause 'cos 'Cos 'coz "
	"'Coz 'cuz 'Cuz 'bout ma'am Ma'am o'clock O'clock lovin' Lovin' "
	"lovin Lovin havin' Havin' havin Havin "
	"Mt. Ak. Ala. Apr. Ariz. Ark. Aug. Calif. Colo. Conn. Dec. Del. Feb. "
	"Fla. Ga. Ia. Id. Ill. Ind. Jan. Jul. Jun. Kan. Kans. Ky. La. Mar. "
	"Mass. Mich. Minn. Miss. N.C. N.D. N.H. N.J. N.M. N.Y. Neb. Nebr. "
	"Nev. Nov. Oct. Okla. Ore. Pa. S.C. Sep. Sept. Tenn. Va. Wash. Wis. "
	"'d a.m. Adm. Bros. co. Co. Corp. D.C. Dr. e.g. E.g. E.G. Gen. Gov. "
	"i.e. I.e. I.E. Inc. Jr. Ltd. Md. Messrs. Mo. Mont. Mr. Mrs. Ms. "
	"p.m. Ph.D. Prof. Rep. Rev. Sen. St. vs. v.s. "
	"\\t \\n \u2014 ' \\\") <space> '' C++ a. b. c. d. e. f. g. h. i. j. "
	"k. l. m. n. o. p. q. r. s. t. u. v. w. x. y. z. \u00e4. \u00f6. "
	"\u00fc. "
	"\u00b0|c|. \u00b0|f|. \u00b0|k|. \u00b0|C|. \u00b0|F|. \u00b0|K|.";

/* Here '|' is a character. */
static const char emoticons[] =
	":) :-) :)) :-)) :))) :-))) (: (-: =) (= :] :-] [: [-: [= =] :o) (o: "
	":} :-} 8) 8-) (-8 ;) ;-) (; (-; :( :-( :(( :-(( :((( :-((( ): )-: =( "
	">:( :') :'-) :'( :'-( :/ :-/ =/ =| :| :-| ]= =[ :1 :P :-P :p :-p :O "
	":-O :o :-o :0 :-0 :() >:o :* :-* :3 :-3 =3 :> :-> :X :-X :x :-x :D "
	":-D ;D ;-D =D xD XD xDD XDD 8D 8-D ^_^ ^__^ ^___^ >.< >.> <.< ._. "
	";_; -_- -__- v.v V.V v_v V_V o_o o_O O_o O_O 0_o o_0 0_0 o.O O.o O.O "
	"o.o 0.0 o.0 0.o @_@ <3 <33 <333 </3 (^_^) (-_-) (._.) (>_<) (*_*) "
	"(\u00ac_\u00ac) \u0ca0_\u0ca0 \u0ca0\ufe35\u0ca0 (\u0ca0_\u0ca0) "
	"\u00af\\(\u30c4)/\u00af "
	"(\u256f\u00b0\u25a1\u00b0\uff09\u256f\ufe35\u253b\u2501\u253b ><(((*>";

static struct map special;	/* value: cuts | plain << 32 */

static uint64_t pack(struct words_special sp)
{
	return sp.cuts | (uint64_t)sp.plain << 32;
}

static struct words_special unpack(uint64_t v)
{
	return (struct words_special){ (uint32_t)v, (uint32_t)(v >> 32) };
}

/* The same with a typographer's apostrophe in place of each straight one. */
static void add_curly(const char *s, size_t n, struct words_special sp)
{
	char text[WORDS_SPECIAL_BYTES + 2] = { 0 };
	size_t i, len = 0;

	for (i = 0; i < n && len < WORDS_SPECIAL_BYTES; i++) {
		if (s[i] != '\'') {
			text[len++] = s[i];
			continue;
		}
		memcpy(text + len, "\u2019", 3);
		len += 3;
	}
	if (len > n)
		*map_put(&special, text, len, NULL) = pack(sp);
}

/* Adds s[0..n); bar says whether '|' marks a cut. */
static void add(const char *s, size_t n, bool bar)
{
	struct words_special sp = { 0, 0 };
	char text[WORDS_SPECIAL_BYTES] = { 0 };
	size_t i, len = 0, chars = 0;

	for (i = 0; i < n; i++) {
		if (bar && s[i] == '|') {
			sp.cuts |= 1u << (chars - 1);
			continue;
		}
		chars += ((unsigned char)s[i] & 0xc0) != 0x80;
		text[len++] = s[i];
	}
	*map_put(&special, text, len, NULL) = pack(sp);
	add_curly(text, len, sp);
}

/* The next word of a list of words between blanks; false at its end. */
static bool next_word(const char **list, const char **word, size_t *n)
{
	*list += strspn(*list, " ");
	*word = *list;
	*n = strcspn(*list, " ");
	*list += *n;
	return *n != 0;
}

static bool listed_in(const char *list, const char *s, size_t len)
{
	const char *word;
	size_t n;

	while (next_word(&list, &word, &n))
		if (n == len && !memcmp(word, s, n))
			return true;
	return false;
}

static void add_contraction(const char *stem, size_t ns, const char *ending,
	size_t ne)
{
	char whole[WORDS_SPECIAL_BYTES + 2], plain[WORDS_SPECIAL_BYTES + 2];
	int n = snprintf(whole, sizeof whole, "%.*s|%.*s", (int)ns, stem,
		(int)ne, ending);
	int title;

	for (title = 0; title < 2; title++) {
		if (title && *whole >= 'a')
			*whole &= ~0x20;
		snprintf(plain, sizeof plain, "%.*s%.*s", (int)ns, whole,
			(int)ne, ending);
		if (!listed_in(not_special, plain, ns + ne))
			add(whole, (size_t)n, true);
	}
}

static void add_list(const char *list, bool bar)
{
	const char *word;
	size_t n;

	while (next_word(&list, &word, &n))
		add(word, n, bar);
}

void words_special_init(void)
{
	size_t i, ns, ne;

	if (special.n)
		return;
	for (i = 0; i < sizeof contractions / sizeof *contractions; i++) {
		const char *stems = contractions[i].stems, *stem, *ending;

		while (next_word(&stems, &stem, &ns)) {
			const char *endings = contractions[i].endings;

			while (next_word(&endings, &ending, &ne))
				add_contraction(stem, ns, ending, ne);
		}
	}
	add_list(listed, true);
	add_list(emoticons, false);
	add("\u00a0", 2, false);
}

bool words_special(const char *s, size_t len, struct words_special *found)
{
	uint64_t *v;

	if (len > WORDS_SPECIAL_BYTES || !(v = map_get(&special, s, len)))
		return false;
	*found = unpack(*v);
	return true;
}

void words_special_each(void (*fn)(const char *s, size_t len,
	struct words_special *sp))
{
	size_t i;

	for (i = 0; i < special.nslot; i++) {
		struct map_entry *e = &special.slots[i];
		struct words_special sp;

		if (!e->key)
			continue;
		sp = unpack(e->value);
		fn(e->key, e->len, &sp);
		e->value = pack(sp);
	}
}
