/* traits.c - reads the attributes of an element: see traits.h */
#include "common/extract/traits.h"

#include <string.h>
#include <strings.h>

#include "common/base/ascii.h"
#include "common/extract/blocks.h"
#include "common/extract/style.h"

static const struct {
	const char *name;
	enum landmark land;
} roles[] = {
	{ "main", LAND_MAIN }, { "navigation", LAND_NAV },
	{ "contentinfo", LAND_FOOTER }, { "complementary", LAND_ASIDE },
	{ "article", LAND_ARTICLE }, { "dialog", LAND_DIALOG },
	{ "tablist", LAND_NAV }, { "menu", LAND_NAV }, { "menubar", LAND_NAV },
};

static bool value_is(const struct attr *a, const char *s)
{
	return a->n == strlen(s) && !strncasecmp(a->value, s, a->n);
}

static unsigned role_land(const struct attr *a)
{
	size_t i;

	for (i = 0; i < sizeof roles / sizeof *roles; i++)
		if (strlen(roles[i].name) == a->n &&
			!memcmp(roles[i].name, a->value, a->n))
			return roles[i].land + 1;
	return 0;
}

/* The number at the start of the value. */
static unsigned number_of(const struct attr *a)
{
	unsigned v = 0;
	uint32_t i;

	for (i = 0; i < a->n && i < 6 && ascii_digit(a->value[i]); i++)
		v = v * 10 + (unsigned)(a->value[i] - '0');
	return v;
}

static void read_class(struct traits *t, const struct attr *a,
	struct classes *classes)
{
	const struct class_value *v = classes_of(classes, a->value, a->n);

	t->categories |= v->categories;
	t->opens |= (v->categories & CLASS_OPENS) != 0;
	if (a->id == ATTR_CLASS) {
		t->roles = v->roles;
		t->class_style = v->style;
	} else if (a->n > 2 && !memcmp(a->value, "S:", 2)) {
		t->opens = true;
	}
}

void traits_read(struct traits *t, const struct node *n,
	struct classes *classes)
{
	uint32_t i;

	memset(t, 0, sizeof *t);
	for (i = 0; i < n->n; i++) {
		const struct attr *a = &n->attrs[i];

		switch (a->id) {
		case ATTR_CLASS:
		case ATTR_ID:
		case ATTR_DATA_TESTID:
			read_class(t, a, classes);
			break;
		case ATTR_ROLE:
			t->land = role_land(a);
			t->opens |= value_is(a, "tabpanel") ||
				value_is(a, "region");
			break;
		case ATTR_STYLE:
			t->style |= style_read(a->value, a->n);
			break;
		case ATTR_HEIGHT:
			if (value_is(a, "0"))
				t->style |= STYLE_FLAT;
			break;
		case ATTR_HIDDEN:	/* until-found can be opened, like details */
			t->hidden = !value_is(a, "until-found");
			break;
		case ATTR_OPEN:
			t->open = true;
			break;
		case ATTR_COLSPAN:
			t->colspan = number_of(a);
			break;
		case ATTR_ROWSPAN:
			t->rowspan = number_of(a);
			break;
		case ATTR_DATA_LINE_NUMBER:
			t->numbers = true;
			break;
		}
	}
}
