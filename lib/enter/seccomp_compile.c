/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * seccomp_compile: turns seccomp_table.h into a C header with the BPF program.
 *
 * Runs when the project is built, never installed. Prints to standard output;
 * ends with 1 and a line on standard error if anything is out of order.
 */
#include <errno.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seccomp_table.h"

static void check(int result, const char *what)
{
	if (result >= 0)
		return;
	fprintf(stderr, "seccomp_compile: %s: %s\n", what, strerror(-result));
	exit(1);
}

/*
 * Other ABIs of the same kernel, else a call through them would pass the filter
 * by. Not x32: no distribution has programs of it, and a third more instructions
 * would be compiled at every login. Its calls are those of no ABI of ours.
 */
static void add_architectures(scmp_filter_ctx filter)
{
	static const uint32_t x86[] = { SCMP_ARCH_X86 };
	static const uint32_t arm[] = { SCMP_ARCH_ARM };
	const uint32_t *others = NULL;
	size_t count = 0;

	if (seccomp_arch_native() == SCMP_ARCH_X86_64) {
		others = x86;
		count = 1;
	} else if (seccomp_arch_native() == SCMP_ARCH_AARCH64) {
		others = arm;
		count = 1;
	}
	for (size_t i = 0; i < count; i++)
		check(seccomp_arch_add(filter, others[i]), "architecture");
}

static void add_calls(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < sizeof(seccomp_calls) / sizeof(seccomp_calls[0]); i++) {
		const struct seccomp_call *call = &seccomp_calls[i];
		int number = seccomp_syscall_resolve_name(call->name);

		/* A libseccomp older than the call: the kernel's own checks remain. */
		if (number == __NR_SCMP_ERROR) {
			fprintf(stderr, "seccomp_compile: note: %s is unknown here\n", call->name);
			continue;
		}
		check(seccomp_rule_add(filter, SCMP_ACT_ERRNO((unsigned int)call->error), number, 0),
		      call->name);
	}
}

static void add_argument(scmp_filter_ctx filter, const struct seccomp_argument *rule,
			 unsigned long long mask, unsigned long long value)
{
	check(seccomp_rule_add(filter, SCMP_ACT_ERRNO((unsigned int)rule->error),
			       seccomp_syscall_resolve_name(rule->name), 1,
			       SCMP_CMP64(rule->index, SCMP_CMP_MASKED_EQ, mask, value)),
	      rule->name);
}

static void add_arguments(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < sizeof(seccomp_arguments) / sizeof(seccomp_arguments[0]); i++)
		add_argument(filter, &seccomp_arguments[i], seccomp_arguments[i].mask,
			     seccomp_arguments[i].value);
	for (size_t i = 0; i < sizeof(seccomp_bits) / sizeof(seccomp_bits[0]); i++)
		for (unsigned int bit = 0; bit < 64; bit++)
			if ((seccomp_bits[i].mask >> bit & 1) != 0)
				add_argument(filter, &seccomp_bits[i], 1ULL << bit, 1ULL << bit);
}

static void print(scmp_filter_ctx filter)
{
	struct sock_filter instruction;
	FILE *program = tmpfile();

	if (program == NULL)
		check(-errno, "temporary file");
	check(seccomp_export_bpf(filter, fileno(program)), "export");
	rewind(program);
	printf("/* Made by seccomp_compile from seccomp_table.h. */\n"
	       "static const struct sock_filter cs_seccomp_filter[] = {\n");
	while (fread(&instruction, sizeof(instruction), 1, program) == 1)
		printf("\t{ 0x%04x, %u, %u, 0x%08x },\n", (unsigned int)instruction.code,
		       (unsigned int)instruction.jt, (unsigned int)instruction.jf, instruction.k);
	printf("};\n");
	fclose(program);
}

int main(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (filter == NULL)
		check(-ENOMEM, "filter");
	/* An ABI that is none of ours: kill, as its numbers mean other calls. */
	check(seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), "bad arch");
	/* A binary tree instead of a chain: the cost is per system call. */
	check(seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2), "optimize");
	add_architectures(filter);
	add_calls(filter);
	add_arguments(filter);
	print(filter);
	seccomp_release(filter);
	return fflush(stdout) == 0 ? 0 : 1;
}
