/* reward_grader.h - a reward model as a judge of rollouts
 *
 * Prompt and answer become ids as in training (train/answers.h): rendered, where
 * the line has the prompt as text ("messages" or "prompt"), otherwise the ids of
 * the rollout, if they are of the reward model's tokenizer. Scores do not depend
 * on what else is in a batch.
 */
#ifndef PIPELM_REWARD_GRADER_H
#define PIPELM_REWARD_GRADER_H

#include "common/grade/grading.h"

/* Opens a reward model; any error is fatal. */
struct reward_grader;
struct reward_grader *reward_grader_new(const char *dir);
void reward_grader_free(struct reward_grader *g);	/* may be NULL */

/* Valid as long as g. */
const struct judge *reward_grader_judge(const struct reward_grader *g);

#endif
