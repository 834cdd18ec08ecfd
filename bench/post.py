"""post.py - the peers of post.sh, on one thread: TRL's trainers and plain PyTorch

usage: post.py sft MODEL CONVERSATIONS STEPS ROWS CONTEXT
       post.py grpo MODEL PROMPTS STEPS ROWS LENGTH SAMPLES
       post.py sample MODEL ROWS LENGTH
Prints tokens a second, for grpo answers a second: the median over the steps after
the first two, so that neither loading nor warming up counts.
"""
import contextlib
import json
import os
import statistics
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
import torch
import transformers

torch.set_num_threads(1)
transformers.logging.set_verbosity_error()


class Clock(transformers.TrainerCallback):
    """Takes the time at the end of each step."""

    def __init__(self):
        self.ends = []

    def on_step_end(self, *unused, **named):
        self.ends.append(time.perf_counter())

    def median(self):
        return statistics.median(b - a for a, b in zip(self.ends[1:], self.ends[2:]))


def load(path):
    model = transformers.AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32)
    tokenizer = transformers.AutoTokenizer.from_pretrained(path)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.convert_ids_to_tokens(0)
    return model, tokenizer


def common(steps, rows):
    return {
        "output_dir": "trl",
        "max_steps": steps,
        "per_device_train_batch_size": rows,
        "use_cpu": True,
        "bf16": False,
        "gradient_checkpointing": False,
        "learning_rate": 1e-4,
        "report_to": "none",
        "save_strategy": "no",
        "logging_strategy": "no",
        "disable_tqdm": True,
    }


def records(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def train(trainer, config, path, data, **more):
    """Trains for the configured steps; the median seconds of a step."""
    import datasets

    model, tokenizer = load(path)
    clock = Clock()
    trainer(
        model=model,
        args=config,
        train_dataset=datasets.Dataset.from_list(records(data)),
        processing_class=tokenizer,
        callbacks=[clock],
        **more,
    ).train()
    return clock.median()


def sft(path, data, steps, rows, context):
    import trl

    config = trl.SFTConfig(packing=True, max_length=context, **common(steps, rows))
    return rows * context / train(trl.SFTTrainer, config, path, data)


def grpo(path, data, steps, rows, length, samples):
    import trl

    def reward(completions, **unused):
        return [float(sum(map(ord, text)) % 2) for text in completions]

    config = trl.GRPOConfig(
        num_generations=samples,
        max_completion_length=length,
        beta=0.0,
        **common(steps, rows),
    )
    return rows / train(trl.GRPOTrainer, config, path, data, reward_funcs=reward)


@torch.inference_mode()
def sample(path, rows, length):
    """A bare loop with a cache of keys and values: no library's overhead."""
    model, _ = load(path)
    model.eval()
    rates = []
    for _ in range(3):
        start = time.perf_counter()
        ids, cache = torch.full((rows, 8), 5), transformers.DynamicCache(config=model.config)
        for _ in range(length):
            logits = model(input_ids=ids, past_key_values=cache, logits_to_keep=1).logits
            ids = torch.multinomial(torch.softmax(logits[:, -1], -1), 1)
        rates.append(rows * length / (time.perf_counter() - start))
    return statistics.median(rates)


if __name__ == "__main__":
    run = {"sft": sft, "grpo": grpo, "sample": sample}[sys.argv[1]]
    paths = {"sft": 2, "grpo": 2, "sample": 1}[sys.argv[1]]
    with contextlib.redirect_stdout(sys.stderr):  # trainers print there too
        rate = run(*sys.argv[2 : 2 + paths], *map(int, sys.argv[2 + paths :]))
    print(rate)
