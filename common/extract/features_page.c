/* features_page.c - the kind of page: see features.h */
#include "common/extract/features_work.h"

#include <string.h>

/* Words of URL paths, as whole parts between the characters / . - ? # */
enum { IS_FORUM = 1, IS_PROD = 2, IS_LIST = 4, IS_DOC = 8, IS_ART = 16 };

static const struct {
	const char *part;
	unsigned kinds;
} parts[] = {
	{ "t", IS_FORUM }, { "thread", IS_FORUM }, { "threads", IS_FORUM },
	{ "topic", IS_FORUM | IS_LIST }, { "topics", IS_LIST },
	{ "forum", IS_FORUM }, { "forums", IS_FORUM },
	{ "question", IS_FORUM }, { "questions", IS_FORUM },
	{ "discussion", IS_FORUM }, { "community", IS_FORUM },
	{ "viewtopic", IS_FORUM }, { "showthread", IS_FORUM },
	{ "d", IS_FORUM }, { "comments", IS_FORUM }, { "r", IS_FORUM },
	{ "product", IS_PROD }, { "products", IS_PROD }, { "p", IS_PROD },
	{ "dp", IS_PROD }, { "item", IS_PROD }, { "shop", IS_PROD },
	{ "category", IS_LIST }, { "categories", IS_LIST },
	{ "tag", IS_LIST }, { "tags", IS_LIST }, { "collection", IS_LIST },
	{ "collections", IS_LIST }, { "c", IS_LIST }, { "search", IS_LIST },
	{ "archive", IS_LIST }, { "list", IS_LIST }, { "browse", IS_LIST },
	{ "jobs", IS_LIST }, { "events", IS_LIST }, { "courses", IS_LIST },
	{ "directory", IS_LIST },
	{ "docs", IS_DOC }, { "doc", IS_DOC }, { "documentation", IS_DOC },
	{ "guide", IS_DOC }, { "reference", IS_DOC }, { "api", IS_DOC },
	{ "manual", IS_DOC }, { "wiki", IS_DOC }, { "help", IS_DOC },
	{ "tutorial", IS_DOC }, { "latest", IS_DOC }, { "support", IS_DOC },
	{ "kb", IS_DOC },
	{ "blog", IS_ART }, { "news", IS_ART }, { "article", IS_ART },
	{ "articles", IS_ART }, { "post", IS_ART }, { "posts", IS_ART },
	{ "story", IS_ART },
};

static unsigned part_kinds(const char *s, size_t n)
{
	size_t i;

	if (n == 4 && !strncmp(s, "20", 2) && strspn(s, "0123456789") >= 4)
		return IS_ART;
	for (i = 0; i < sizeof parts / sizeof *parts; i++)
		if (!strncmp(parts[i].part, s, n) && !parts[i].part[n])
			return parts[i].kinds;
	return 0;
}

static bool has_any(const char *s, const char *const *words)
{
	for (; *words; words++)
		if (strstr(s, *words))
			return true;
	return false;
}

static void read_url(float *g, const char *url)
{
	static const char *const doc_hosts[] = { "//docs.", "//developer.",
		"//help.", "//support.", "//wiki.", NULL };
	const char *host = strstr(url, "//"), *s;
	unsigned kinds = has_any(url, doc_hosts) ? IS_DOC : 0;
	int hyphens = 0, most = 0;

	s = strchr(host ? host + 2 : url, '/');
	for (; s && *s; s++) {
		if (*s == '/') {
			kinds |= part_kinds(s + 1, strcspn(s + 1, "/.-?#"));
			hyphens = 0;
		}
		hyphens += *s == '-';
		if (hyphens > most)
			most = hyphens;
	}
	g[G_url_forum] = (kinds & IS_FORUM) != 0;
	g[G_url_product] = (kinds & IS_PROD) != 0;
	g[G_url_listing] = (kinds & IS_LIST) != 0;
	g[G_url_docs] = (kinds & IS_DOC) != 0;
	g[G_url_article] = (kinds & IS_ART) != 0;
	g[G_url_hyphens] = (float)most;
}

static void read_about(float *g, const struct about *a)
{
	static const char *const engines[] = { "discourse", "xenforo", "phpbb",
		"vbulletin", "invision", "flarum", "vanilla", "mybb", "nodebb",
		NULL };
	static const char *const forums[] = { "xenforo", "phpbb", "vbulletin",
		"discourse", "ips", "forum", "thread", NULL };
	static const char *const archives[] = { "archive", "category", "blog",
		"collection", "taxonomy", "search", "listing", NULL };
	static const char *const singles[] = { "single", "article",
		"post-template", NULL };

	g[G_og_type] = !strcmp(a->og_type, "article") ? 1 :
		strstr(a->og_type, "product") ? 2 : *a->og_type ? 3 : 0;
	g[G_ld_article] = a->ld_article;
	g[G_forum_engine] = has_any(a->generator, engines) || has_any(a->body, forums);
	g[G_body_archive] = has_any(a->body, archives);
	g[G_body_single] = has_any(a->body, singles);
}

static void count_tags(float *g, const struct page *p)
{
	g[G_tag_p] = (float)p->tags[TAG_P];
	g[G_tag_form] = (float)p->tags[TAG_FORM];
	g[G_tag_button] = (float)p->tags[TAG_BUTTON];
	g[G_tag_li] = (float)p->tags[TAG_LI];
	g[G_tag_time] = (float)p->tags[TAG_TIME];
	g[G_tag_code] = (float)p->tags[TAG_CODE];
	g[G_class_article] = (float)p->cats[CAT_ART];
	g[G_class_comment] = (float)p->cats[CAT_COM];
	g[G_class_product] = (float)p->cats[CAT_PROD];
	g[G_class_thread] = (float)p->cats[CAT_THREAD];
}

static void sum_blocks(struct features *f)
{
	double stop = 0, price = 0, date = 0, longest = 0, longs = 0, com = 0;
	size_t i;

	for (i = 0; i < f->n; i++) {
		const struct row *r = &f->row[i];
		const struct elem *e = &f->page->elem[f->page->block[i].elem];

		stop += r->count.stop;
		price += r->count.price;
		date += r->count.date;
		longs += r->words - r->link_words > 60;
		if (r->prose > longest)
			longest = r->prose;
		if (e->cat[CAT_COM] < 15)
			com += r->words;
	}
	f->g[G_stop_words] = (float)(stop / f->all_words);
	f->g[G_prices] = (float)price;
	f->g[G_dates] = (float)date;
	f->g[G_long_blocks] = (float)longs;
	f->g[G_longest_prose] = (float)longest;
	f->g[G_comment_words] = (float)(com / f->all_words);
}

static float largest_article_share(const struct features *f)
{
	double most = 0;
	uint32_t i;

	for (i = 0; i < f->page->nelem; i++)
		if (f->page->elem[i].article == i &&
			f->page->elem[i].end > f->page->elem[i].first) {
			double words = below(f, i).words;

			if (words > most)
				most = words;
		}
	return (float)(most / f->all_words);
}

void page_make(struct features *f)
{
	const struct sums best = below(f, f->best);
	float *g = f->g;

	read_about(g, f->about);
	read_url(g, f->about->url);
	count_tags(g, f->page);
	sum_blocks(f);
	g[G_prose] = (float)f->all_prose;
	g[G_prose_density] = (float)(f->all_prose / f->all_words);
	g[G_link_density] = (float)(f->before[f->n].link_words / f->all_words);
	g[G_blocks] = (float)f->n;
	g[G_container_words] = (float)(best.words / f->all_words);
	g[G_container_prose] = (float)(best.prose / f->all_prose);
	g[G_container_link_density] = (float)per(best.link_words, best.words);
	g[G_largest_article] = largest_article_share(f);
}
