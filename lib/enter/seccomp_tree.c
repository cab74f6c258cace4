/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp_tree: see seccomp_tree.h. */
#include "seccomp_tree.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define FAR 255		/* jt and jf are 8 bits */

/*
 * What one more instruction costs beside what one more step of the way costs for
 * each of an ABI's numbers: checked and compiled once (0.15 us), and run for each of
 * them (0.8 us). Measured on Linux 6.18.
 */
#define INSTRUCTION (SECCOMP_NUMBERS * SECCOMP_RANGES_MAX * 15UL / 80)

struct tree {
	struct seccomp_program *program;
	const struct seccomp_range *ranges;
	size_t count;
	size_t (*write)(struct seccomp_program *program, unsigned int answer, void *context);
	void *context;
	unsigned long before[SECCOMP_RANGES_MAX + 1];	/* weight of all ranges before this one */
	unsigned long cost[SECCOMP_RANGES_MAX][SECCOMP_RANGES_MAX];
	uint16_t split[SECCOMP_RANGES_MAX][SECCOMP_RANGES_MAX];	/* the right part begins here; 0: not split */
};

static _Noreturn void give_up(const char *why)
{
	fprintf(stderr, "seccomp_tree: %s\n", why);
	exit(1);
}

size_t seccomp_tree_put(struct seccomp_program *program, uint16_t code, uint32_t k)
{
	if (program->count == BPF_MAXINSNS)
		give_up("too many instructions");
	program->code[program->count] = (struct sock_filter){ .code = code, .k = k };
	return program->count++;
}

size_t seccomp_tree_return(struct seccomp_program *program, uint32_t value)
{
	/* What jumps here has yet to be written: leave it some way to do so. */
	for (size_t i = program->count; i > 0 && program->count - i < FAR - 32; i--)
		if (program->code[i - 1].code == (BPF_RET | BPF_K) && program->code[i - 1].k == value)
			return i - 1;
	return seccomp_tree_put(program, BPF_RET | BPF_K, value);
}

/* The place itself, or that of a jump to it, to be reached by the next instruction but one. */
static size_t near(struct seccomp_program *program, size_t place)
{
	if (program->count - place < FAR)
		return place;
	return seccomp_tree_put(program, BPF_JMP | BPF_JA,
				(uint32_t)(program->count - place - 1));
}

size_t seccomp_tree_branch(struct seccomp_program *program, uint16_t code, uint32_t k,
			   size_t if_true, size_t if_false)
{
	const size_t true_near = near(program, if_true);
	const size_t false_near = near(program, if_false);
	const size_t place = seccomp_tree_put(program, code, k);

	program->code[place].jt = (uint8_t)(place - true_near - 1);
	program->code[place].jf = (uint8_t)(place - false_near - 1);
	return place;
}

/* How many of the numbers that the kernel asks about are in this range; a little, if none. */
static unsigned long weigh(const struct seccomp_range *ranges, size_t count, size_t i)
{
	unsigned long first = ranges[i].first < SECCOMP_NUMBERS ? ranges[i].first : SECCOMP_NUMBERS;
	unsigned long next = i + 1 < count && ranges[i + 1].first < SECCOMP_NUMBERS ?
			     ranges[i + 1].first : SECCOMP_NUMBERS;

	return (next - first) * SECCOMP_RANGES_MAX + 1;
}

static bool is_single(const struct tree *tree, size_t i)
{
	return i + 1 < tree->count && tree->ranges[i + 1].first == tree->ranges[i].first + 1;
}

/*
 * How many numbers have another answer than the rest of a run, if the rest has one
 * answer; else -1. *@ret_common is a range of the rest.
 */
static int count_exceptions(const struct tree *tree, size_t from, size_t to, size_t *ret_common)
{
	size_t common = from;
	int exceptions = 0;

	while (common < to && is_single(tree, common))
		common++;
	for (size_t i = from; i <= to; i++) {
		if (tree->ranges[i].answer == tree->ranges[common].answer)
			continue;
		if (!is_single(tree, i))
			return -1;
		exceptions++;
	}
	*ret_common = common;
	return exceptions;
}

/*
 * The best tree of one run of ranges, the shorter runs' being known. Either its
 * exceptions are compared one after the other, or it is split in two.
 */
static void plan_run(struct tree *tree, size_t from, size_t to)
{
	const unsigned long weight = tree->before[to + 1] - tree->before[from];
	size_t common;
	int exceptions = count_exceptions(tree, from, to, &common);
	unsigned long best = ULONG_MAX;

	if (exceptions >= 0)
		best = (unsigned long)exceptions * (weight + INSTRUCTION);
	for (size_t split = from + 1; split <= to; split++) {
		unsigned long cost = tree->cost[from][split - 1] + tree->cost[split][to] + weight +
				     INSTRUCTION;

		if (cost >= best)
			continue;
		best = cost;
		tree->split[from][to] = (uint16_t)split;
	}
	tree->cost[from][to] = best;
}

static size_t write_exceptions(const struct tree *tree, size_t from, size_t to)
{
	size_t common = from, place;

	(void)count_exceptions(tree, from, to, &common);	/* a number: plan_run() has asked */
	place = tree->write(tree->program, tree->ranges[common].answer, tree->context);
	for (size_t i = to + 1; i-- > from;) {
		size_t other;

		if (tree->ranges[i].answer == tree->ranges[common].answer)
			continue;
		other = tree->write(tree->program, tree->ranges[i].answer, tree->context);
		place = seccomp_tree_branch(tree->program, BPF_JMP | BPF_JEQ | BPF_K,
					    tree->ranges[i].first, other, place);
	}
	return place;
}

static size_t write_run(const struct tree *tree, size_t from, size_t to)
{
	const size_t split = tree->split[from][to];
	size_t left, right;

	if (split == 0)
		return write_exceptions(tree, from, to);
	right = write_run(tree, split, to);
	left = write_run(tree, from, split - 1);
	return seccomp_tree_branch(tree->program, BPF_JMP | BPF_JGE | BPF_K,
				   tree->ranges[split].first, right, left);
}

size_t seccomp_tree_write(struct seccomp_program *program, const struct seccomp_range *ranges,
			  size_t count,
			  size_t (*write)(struct seccomp_program *program, unsigned int answer,
					  void *context),
			  void *context)
{
	struct tree *tree = calloc(1, sizeof(*tree));
	size_t place;

	if (tree == NULL || count == 0 || count > SECCOMP_RANGES_MAX)
		give_up("no memory, or too many ranges");
	tree->program = program;
	tree->ranges = ranges;
	tree->count = count;
	tree->write = write;
	tree->context = context;
	for (size_t i = 0; i < count; i++)
		tree->before[i + 1] = tree->before[i] + weigh(ranges, count, i);
	for (size_t length = 1; length <= count; length++)
		for (size_t from = 0; from + length <= count; from++)
			plan_run(tree, from, from + length - 1);
	place = write_run(tree, 0, count - 1);
	free(tree);
	/* One answer for all: it may stand elsewhere, and what is written next runs on into us. */
	if (place + 1 != program->count)
		place = seccomp_tree_put(program, BPF_JMP | BPF_JA,
					 (uint32_t)(program->count - place - 1));
	return place;
}
