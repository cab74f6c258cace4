/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * seccomp_compile: turns seccomp_table.h into a C header with BPF programs.
 *
 * Runs when the project is built, never installed. libseccomp says which number a
 * call has in which ABI; the programs are seccomp_tree.c's. Prints to standard
 * output; ends with 1 and a line on standard error if anything is out of order.
 */
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seccomp_table.h"
#include "seccomp_tree.h"

#define NUMBERS_MAX 1024	/* no ABI of ours has as many, but for arm's private ones */
#define ARM_FIRST 0x0f0000U
#define ARM_LAST 0x0f000fU
#define NOWHERE SIZE_MAX
#define LOAD (BPF_LD | BPF_W | BPF_ABS)

/* The answers of one policy: those of the table, and calls with checks. */
struct answers {
	const struct seccomp_policy *policy;
	size_t count;
	struct answer {
		int otherwise;
		const char *checked;	/* NULL: no checks */
		size_t place;		/* of the checks, once for all ABIs */
	} list[64];
};

static _Noreturn void give_up(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void give_up(const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "seccomp_compile: ");
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "\n");
	exit(1);
}

/* ---- the answer to a call ------------------------------------------------------- */

static bool is_listed(const char *calls, const char *name)
{
	const size_t length = strlen(name);

	for (const char *at = calls; *at != '\0'; at += strspn(at, " ")) {
		const size_t word = strcspn(at, " ");

		if (word == length && memcmp(at, name, length) == 0)
			return true;
		at += word;
	}
	return false;
}

static bool is_checked(const struct seccomp_policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->check_count; i++)
		if (strcmp(policy->checks[i].call, name) == 0)
			return true;
	return false;
}

/* The name that a number has in an ABI, to be freed; NULL: none. */
static char *name_call(uint32_t abi, uint32_t number)
{
	for (size_t i = 0; i < SECCOMP_COUNT(seccomp_numbers); i++)
		if (seccomp_numbers[i].number == number)
			return strdup(seccomp_numbers[i].call);
	return seccomp_syscall_resolve_num_arch(abi, (int)number);
}

static struct answer find_answer(const struct seccomp_policy *policy, const char *name)
{
	struct answer answer = { .otherwise = policy->unknown };

	for (size_t i = 0; name != NULL && i < policy->group_count; i++)
		if (is_listed(policy->groups[i].calls, name))
			answer.otherwise = policy->groups[i].answer;
	for (size_t i = 0; name != NULL && i < policy->override_count; i++)
		if (is_listed(policy->overrides[i].calls, name))
			answer.otherwise = policy->overrides[i].answer;
	if (name != NULL && is_checked(policy, name))
		answer.checked = name;
	return answer;
}

static unsigned int number_answer(struct answers *answers, const struct answer *answer)
{
	size_t i = 0;

	while (i < answers->count && (answers->list[i].otherwise != answer->otherwise ||
				      (answers->list[i].checked == NULL) != (answer->checked == NULL) ||
				      (answer->checked != NULL &&
				       strcmp(answers->list[i].checked, answer->checked) != 0)))
		i++;
	if (i < answers->count)
		return (unsigned int)i;
	if (i == SECCOMP_COUNT(answers->list))
		give_up("too many answers in %s", answers->policy->name);
	answers->list[i] = *answer;
	answers->list[i].place = NOWHERE;
	if (answer->checked != NULL && (answers->list[i].checked = strdup(answer->checked)) == NULL)
		give_up("no memory");
	answers->count++;
	return (unsigned int)i;
}

/* ---- one ABI --------------------------------------------------------------------- */

static void add_range(struct seccomp_range *ranges, size_t *count, uint32_t first,
		      unsigned int answer)
{
	if (*count > 0 && ranges[*count - 1].answer == answer)
		return;
	if (*count == SECCOMP_RANGES_MAX)
		give_up("too many ranges");
	ranges[(*count)++] = (struct seccomp_range){ .first = first, .answer = answer };
}

static void add_number(struct seccomp_range *ranges, size_t *count, struct answers *answers,
		       uint32_t abi, uint32_t number)
{
	char *name = name_call(abi, number);
	const struct answer answer = find_answer(answers->policy, name);

	if (answer.otherwise != SECCOMP_ABSENT)	/* else it goes with the number before it */
		add_range(ranges, count, number, number_answer(answers, &answer));
	free(name);
}

static size_t list_ranges(struct seccomp_range *ranges, struct answers *answers, uint32_t abi)
{
	const struct answer unknown = { .otherwise = answers->policy->unknown };
	size_t count = 0;

	for (uint32_t number = 0; number < NUMBERS_MAX; number++)
		add_number(ranges, &count, answers, abi, number);
	if (abi == SCMP_ARCH_ARM) {
		add_range(ranges, &count, NUMBERS_MAX, number_answer(answers, &unknown));
		for (uint32_t number = ARM_FIRST; number <= ARM_LAST; number++)
			add_number(ranges, &count, answers, abi, number);
	}
	add_range(ranges, &count, abi == SCMP_ARCH_ARM ? ARM_LAST + 1 : NUMBERS_MAX,
		  number_answer(answers, &unknown));
	/*
	 * That is x32's calls too, which are x86-64's with one bit more in the number:
	 * no distribution has programs of it, and most have kernels without it.
	 */
	return count;
}

static size_t write_constant(struct seccomp_program *program, int answer)
{
	if (answer == SECCOMP_ALLOW)
		return seccomp_tree_return(program, SECCOMP_RET_ALLOW);
	if (answer == SECCOMP_KILL)
		return seccomp_tree_return(program, SECCOMP_RET_KILL_PROCESS);
	return seccomp_tree_return(program, SECCOMP_RET_ERRNO | (uint32_t)answer);
}

static uint32_t low_half(unsigned int index)
{
	const size_t offset = offsetof(struct seccomp_data, args) + index * sizeof(uint64_t);

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (uint32_t)offset;
#else
	return (uint32_t)(offset + sizeof(uint32_t));
#endif
}

/* From the last row to the first, each with its argument loaded before it. */
static size_t write_checks(struct seccomp_program *program, const struct seccomp_policy *policy,
			   const struct answer *answer)
{
	size_t place = write_constant(program, answer->otherwise);

	for (size_t i = policy->check_count; i-- > 0;) {
		const struct seccomp_check *check = &policy->checks[i];
		const uint16_t test = check->test == SECCOMP_EQUALS ? BPF_JEQ : BPF_JSET;

		if (strcmp(check->call, answer->checked) != 0)
			continue;
		place = seccomp_tree_branch(program, (uint16_t)(BPF_JMP | BPF_K | test), check->value,
					    write_constant(program, check->answer), place);
		place = seccomp_tree_put(program, LOAD, low_half(check->index));
	}
	return place;
}

static size_t write_answer(struct seccomp_program *program, unsigned int number, void *context)
{
	struct answers *answers = context;
	struct answer *answer = &answers->list[number];

	if (answer->checked == NULL)
		return write_constant(program, answer->otherwise);
	if (answer->place == NOWHERE)
		answer->place = write_checks(program, answers->policy, answer);
	return answer->place;
}

/*
 * The kernel finds out which calls are always allowed, to ask the filter no more,
 * by following it for each number, as far as it meets what it cannot follow: a
 * constant. Then a login does not pay for what hardly a program would profit from.
 */
static size_t write_obstacle(struct seccomp_program *program)
{
	return seccomp_tree_put(program, BPF_LD | BPF_IMM, 0);
}

/* From here on the architecture is known to be this ABI's. */
static size_t write_abi(struct seccomp_program *program, struct answers *answers, uint32_t abi,
			bool cached)
{
	static struct seccomp_range ranges[SECCOMP_RANGES_MAX];
	const size_t count = list_ranges(ranges, answers, abi);
	size_t place;

	(void)seccomp_tree_write(program, ranges, count, write_answer, answers);
	place = seccomp_tree_put(program, LOAD, offsetof(struct seccomp_data, nr));
	return cached ? place : write_obstacle(program);
}

/* ---- the whole program ------------------------------------------------------------ */

/* The machine's own ABI first, then that of its older programs. */
static size_t list_abis(uint32_t abis[2])
{
	abis[0] = seccomp_arch_native();
	if (abis[0] == SCMP_ARCH_X86_64)
		abis[1] = SCMP_ARCH_X86;
	else if (abis[0] == SCMP_ARCH_AARCH64)
		abis[1] = SCMP_ARCH_ARM;
	else
		return 1;
	return 2;
}

/* An ABI that is none of ours: kill, as its numbers mean other calls. */
static void write_program(struct seccomp_program *program, const struct seccomp_policy *policy)
{
	struct answers answers = { .policy = policy };
	uint32_t abis[2];
	size_t count = list_abis(abis);
	size_t place = write_constant(program, SECCOMP_KILL);

	for (size_t i = policy->all_abis ? count : 1; i-- > 0;) {
		const size_t known = write_abi(program, &answers, abis[i],
					       i == 0 || !policy->cached);

		/* libseccomp's numbers of architectures are the kernel's, AUDIT_ARCH_*. */
		place = seccomp_tree_branch(program, BPF_JMP | BPF_JEQ | BPF_K, abis[i], known, place);
	}
	(void)seccomp_tree_put(program, LOAD, offsetof(struct seccomp_data, arch));
	if (!policy->cached)
		(void)write_obstacle(program);
}

static void check_names(const struct seccomp_policy *policy)
{
	for (size_t i = 0; i < policy->check_count; i++)
		if (seccomp_syscall_resolve_name(policy->checks[i].call) == __NR_SCMP_ERROR)
			give_up("no call %s", policy->checks[i].call);
}

static void print(const struct seccomp_policy *policy)
{
	static struct seccomp_program program;

	check_names(policy);
	program.count = 0;
	write_program(&program, policy);
	printf("static const struct sock_filter cs_seccomp_%s[] = {\n", policy->name);
	for (size_t i = program.count; i-- > 0;)
		printf("\t{ 0x%04x, %u, %u, 0x%08x },\n", (unsigned int)program.code[i].code,
		       (unsigned int)program.code[i].jt, (unsigned int)program.code[i].jf,
		       program.code[i].k);
	printf("};\n");
}

int main(void)
{
	printf("/* Made by seccomp_compile from seccomp_table.h. */\n");
	for (size_t i = 0; i < SECCOMP_COUNT(seccomp_policies); i++)
		print(&seccomp_policies[i]);
	return fflush(stdout) == 0 ? 0 : 1;
}
