/* judge_reward.h - a reward model as a judge of rollouts
 *
 * Prompt and answer become ids as in training (train/answers.h): rendered, where
 * the line has the prompt as text ("messages" or "prompt"), otherwise the ids of
 * the rollout, if they are of the reward model's tokenizer. A score does not
 * depend on what else is in a batch.
 */
#ifndef PIPELM_JUDGE_REWARD_H
#define PIPELM_JUDGE_REWARD_H

#include "common/grade/judge.h"

/* Opens the reward model of a directory; any error is fatal. */
struct judge *judge_reward(const char *dir);

#endif
