/* speaker.h - a model directory made ready to answer: what generate, chat and
 * rlsample have in common
 */
#ifndef PIPELM_SPEAKER_H
#define PIPELM_SPEAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/options.h"
#include "common/format/jsonscan.h"
#include "common/model/model_dir.h"
#include "common/sample/engine.h"
#include "common/token/template.h"

/* For tables of options: s is a struct sampling with the defaults set, which
 * temp and top_p tell in the help. */
#define OPT_SAMPLING(s, temp, top_p_) \
	{ 0, "temp", OPT_FLOAT, &(s).temperature, "X", \
	  "temperature, 0 for --greedy (" temp ")" }, \
	{ 0, "top-k", OPT_INT, &(s).top_k, "K", \
	  "draw from the K likeliest tokens, 0 for all (0)" }, \
	{ 0, "top-p", OPT_FLOAT, &(s).top_p, "P", \
	  "draw from the fewest that reach probability P (" top_p_ ")" }, \
	{ 0, "min-p", OPT_FLOAT, &(s).min_p, "P", \
	  "+draw from those with P times the best's probability (0)" }, \
	{ 0, "greedy", OPT_FLAG, &(s).greedy, NULL, \
	  "always the likeliest token" }, \
	{ 0, "repeat-penalty", OPT_FLOAT, &(s).repeat_penalty, "X", \
	  "+make tokens seen X times less likely (1)" }, \
	{ 0, "repeat-last", OPT_INT, &(s).repeat_last, "N", \
	  "+tokens that --repeat-penalty looks back on, 0 for all (64)" }

/* Strings at which answers end, a struct option_list. */
#define OPT_STOP(list) \
	{ 0, "stop", OPT_LIST, &(list), "TEXT", \
	  "+end an answer before TEXT; may be repeated" }

/* Ends the program, as for a wrong command line, when s makes no sense; a
 * temperature of 0 becomes greedy. Call it after options_parse. */
void sampling_finish(struct sampling *s);

/* How a prompt becomes ids. */
struct wording {
	bool raw, chat;		/* as the options say; neither: by the record */
	bool bos;		/* raw ones begin with the first token */
	const char *system;	/* message before chat prompts, or NULL */
};

/* w is a struct wording. */
#define OPT_WORDING(w) \
	{ 0, "raw", OPT_FLAG, &(w).raw, NULL, \
	  "the prompt begins a text, as without --chat" }, \
	{ 0, "chat", OPT_FLAG, &(w).chat, NULL, \
	  "the prompt is what a user says" }, \
	{ 'S', "system", OPT_STR, &(w).system, "TEXT", \
	  "system message before it; implies --chat" }, \
	{ 0, "bos", OPT_FLAG, &(w).bos, NULL, \
	  "+begin a raw prompt with the first token" }

/* Dies of --raw with --chat and the like. */
void wording_check(const struct wording *w);

struct speaker {
	const char *dir;
	struct model *model;
	struct vocab *vocab;	/* NULL: see speaker_open_ids */
	struct encoder *encoder;
	struct template template;
	bool can_chat;		/* template is set */
	struct decoder *decoder;
	struct engine *engine;
	struct ending ending;
	uint32_t ending_ids[MODEL_EOS + 2];
	size_t usable;		/* ids that have a token; without vocab, all */
	struct rendered rendered;	/* scratch */
	struct buf why;			/* what is wrong with a prompt */
};

/* Loads dir and packs its weights for batches of rows answers. stop: strings
 * at which answers end. ignore_eos: tokens do not end them. */
void speaker_open(struct speaker *s, const char *dir, size_t rows,
	const struct option_list *stop, bool ignore_eos);

/* The same, but a directory without tokenizer will do: prompts are ids then,
 * answers have no text, and a prompt that is text is fatal. */
void speaker_open_ids(struct speaker *s, const char *dir, size_t rows,
	const struct option_list *stop, bool ignore_eos);
void speaker_close(struct speaker *s);

/* Dies, naming the model, when it has no chat template. */
void speaker_need_chat(const struct speaker *s);

/* Both append the ids of a prompt to out and return NULL, or what is wrong
 * with it. Text is a prompt as it is, or with w->chat a user's message. An
 * object has "prompt_ids", "prompt" (a text) or "messages". What the model
 * lacks for all such prompts, a chat template or a tokenizer, is fatal. */
const char *speaker_text(struct speaker *s, const struct wording *w,
	const char *text, size_t len, struct ids *out);
const char *speaker_object(struct speaker *s, const struct wording *w,
	const struct json_fields *f, struct ids *out);

/* Tokens that may follow n: up to `wanted`, as many as the context holds. 0
 * when there is no room for any. */
size_t speaker_room(const struct speaker *s, size_t n, int64_t wanted);

/* Says on standard error how much was read and written how fast. */
void speaker_summary(const struct speaker *s);

#endif
