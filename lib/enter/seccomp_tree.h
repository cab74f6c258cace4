/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * seccomp_tree: writes BPF programs that look a system call's number up.
 *
 * Runs when the project is built, never installed. What counts is the number of
 * instructions on the way to an answer: when a filter is installed, the kernel
 * runs it once for each call number of each ABI, to know which calls are always
 * allowed (kernel/seccomp.c, seccomp_cache_prepare, Linux 5.11), and that is most
 * of what the filter costs a login (doc/adr/0017).
 *
 * A program is written from its end to its beginning: BPF jumps forward only, so
 * that whatever is jumped to is there already. A place is what an instruction is
 * known by: how many were written before it.
 */
#ifndef CS_SECCOMP_TREE_H
#define CS_SECCOMP_TREE_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#define SECCOMP_RANGES_MAX 512
#define SECCOMP_NUMBERS 512	/* so many numbers, or fewer, are what the kernel asks about */

struct seccomp_program {
	size_t count;
	struct sock_filter code[BPF_MAXINSNS];	/* the last instruction first */
};

/* From @first to the next range's, the answer is @answer, which is the caller's to know. */
struct seccomp_range {
	uint32_t first;
	unsigned int answer;
};

/* Write one instruction. Its place. Ends the program that calls it if there is no room. */
size_t seccomp_tree_put(struct seccomp_program *program, uint16_t code, uint32_t k);

/* "return @value": one that is there already and near, or a new one. */
size_t seccomp_tree_return(struct seccomp_program *program, uint32_t value);

/* Compare by @code and go to one of two places, however far they are. */
size_t seccomp_tree_branch(struct seccomp_program *program, uint16_t code, uint32_t k,
			   size_t if_true, size_t if_false);

/*
 * From the number in the accumulator to the answer of its range, by the shortest
 * ways, on average, that comparisons can give. @ranges are in order, the first from 0.
 * @write writes what gives one answer and returns its place. The tree begins with what
 * was written last, so that an instruction put now runs on into it.
 */
size_t seccomp_tree_write(struct seccomp_program *program, const struct seccomp_range *ranges,
			  size_t count,
			  size_t (*write)(struct seccomp_program *program, unsigned int answer,
					  void *context),
			  void *context);

#endif
