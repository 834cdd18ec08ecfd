/* sampling_options.h - the sampling options of all programs */
#ifndef PIPELM_SAMPLING_OPTIONS_H
#define PIPELM_SAMPLING_OPTIONS_H

#include "common/base/options.h"
#include "common/sample/sampler.h"

/* For option tables: s is a struct sampling with the defaults set; temp and
 * top_p_ show them in the help. */
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
	  "+tokens that --repeat-penalty looks back on, 0 for all (64)" }, \
	{ 0, "presence-penalty", OPT_FLOAT, &(s).presence_penalty, "X", \
	  "+subtract X from the logits of tokens in the answer (0)" }, \
	{ 0, "frequency-penalty", OPT_FLOAT, &(s).frequency_penalty, "X", \
	  "+subtract X times how often they were sampled (0)" }

/* Strings at which answers end; list: a struct option_list. */
#define OPT_STOP(list) \
	{ 0, "stop", OPT_LIST, &(list), "TEXT", \
	  "+end an answer before TEXT; may be repeated" }

/* An out-of-range value in s is a usage error; a temperature of 0 becomes
 * greedy. Call it after options_parse. */
void sampling_options_check(struct sampling *s);

#endif
