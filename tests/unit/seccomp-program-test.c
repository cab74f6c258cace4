/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * seccomp-program-test: the BPF programs that are linked in, run by an interpreter
 * for every number of every ABI, and held against the table that they were made
 * from; and the kernel, asked for each call that is refused. What users' programs
 * depend on is seccomp-test's to ask.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "seccomp.h"
#include "seccomp_filter.h"
#include "seccomp_table.h"
#include "seccomp_tree.h"
#include "tap.h"

#define WRONG 0xdeadU		/* no program returns this */
#define X32 0x40000000U

struct program {
	const struct sock_filter *code;
	size_t count;
};

static const struct program programs[] = {
	{ cs_seccomp_session, TAP_COUNT(cs_seccomp_session) },
	{ cs_seccomp_nested, TAP_COUNT(cs_seccomp_nested) },
	{ cs_seccomp_init, TAP_COUNT(cs_seccomp_init) },
};

/* ---- the interpreter --------------------------------------------------------------- */

/* As filter.rst has it, for the instructions that are to be expected. */
static uint32_t run(const struct program *program, const struct seccomp_data *data,
		    size_t *ret_steps)
{
	uint32_t accumulator = 0;
	size_t steps = 0;

	for (size_t at = 0; at < program->count; at++) {
		const struct sock_filter *now = &program->code[at];
		bool is_true = false;

		steps++;
		switch (now->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (now->k % 4 != 0 || now->k + 4 > sizeof(*data))
				return WRONG;
			memcpy(&accumulator, (const char *)data + now->k, 4);
			continue;
		case BPF_LD | BPF_IMM:
			accumulator = now->k;
			continue;
		case BPF_JMP | BPF_JA:
			at += now->k;
			continue;
		case BPF_RET | BPF_K:
			*ret_steps = steps;
			return now->k;
		case BPF_JMP | BPF_JEQ | BPF_K:
			is_true = accumulator == now->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			is_true = accumulator >= now->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			is_true = (accumulator & now->k) != 0;
			break;
		default:
			return WRONG;
		}
		at += is_true ? now->jt : now->jf;
	}
	return WRONG;	/* ran over the end */
}

/* ---- what the table says ------------------------------------------------------------ */

static uint32_t action(int answer)
{
	switch (answer) {
	case SECCOMP_ALLOW:
		return SECCOMP_RET_ALLOW;
	case SECCOMP_KILL:
		return SECCOMP_RET_KILL_PROCESS;
	default:
		return SECCOMP_RET_ERRNO + (uint32_t)answer;
	}
}

static bool lists(const struct seccomp_group *group, const char *name)
{
	char *copy = strdup(group->calls), *rest = NULL;
	bool found = false;

	for (char *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
		found = found || strcmp(word, name) == 0;
	free(copy);
	return found;
}

static int answer_to(const struct seccomp_policy *policy, const char *name)
{
	for (size_t i = 0; name != NULL && i < policy->override_count; i++)
		if (lists(&policy->overrides[i], name))
			return policy->overrides[i].answer;
	for (size_t i = 0; name != NULL && i < policy->group_count; i++)
		if (lists(&policy->groups[i], name))
			return policy->groups[i].answer;
	return policy->unknown;
}

/* A call that is on the list of one group at most is one whose answer is plain to see. */
static void names__are_listed_once(void)
{
	for (size_t which = 0; which < TAP_COUNT(seccomp_policies); which++)
		for (size_t i = 0; i < seccomp_policies[which].group_count; i++) {
			const struct seccomp_group *group = &seccomp_policies[which].groups[i];
			char *copy = strdup(group->calls), *rest = NULL;

			for (char *word = strtok_r(copy, " ", &rest); word != NULL;
			     word = strtok_r(NULL, " ", &rest)) {
				size_t found = 0;

				for (size_t k = 0; k < seccomp_policies[which].group_count; k++)
					found += lists(&seccomp_policies[which].groups[k], word);
				if (found != 1)
					printf("# %s: %s\n", seccomp_policies[which].name, word);
				CHECK(found == 1);
			}
			free(copy);
		}
}

static uint32_t expected(const struct seccomp_policy *policy, const char *name, int answer,
			 const uint64_t arguments[6])
{
	for (size_t i = 0; i < policy->check_count; i++) {
		const struct seccomp_check *check = &policy->checks[i];
		uint32_t value = (uint32_t)arguments[check->index];

		if (name != NULL && strcmp(check->call, name) == 0 &&
		    (check->test == SECCOMP_EQUALS ? value == check->value :
						     (value & check->value) > 0))
			return action(check->answer);
	}
	return action(answer);
}

/* ---- the comparison ------------------------------------------------------------------ */

static bool agrees(size_t which, const struct seccomp_data *data, const char *name, int answer)
{
	const struct seccomp_policy *policy = &seccomp_policies[which];
	uint64_t arguments[6];
	uint32_t wanted, got;
	size_t steps = 0;

	memcpy(arguments, data->args, sizeof(arguments));
	wanted = expected(policy, name, answer, arguments);
	got = run(&programs[which], data, &steps);
	if (got == wanted || (answer == SECCOMP_ABSENT && got != SECCOMP_RET_KILL_PROCESS && got != WRONG))
		return true;
	printf("# %s: architecture %x, call %d (%s), arguments %llx %llx: %x, not %x\n", policy->name,
	       data->arch, data->nr, name != NULL ? name : "unknown",
	       (unsigned long long)data->args[0], (unsigned long long)data->args[1], got, wanted);
	return false;
}

/* All arguments the same: each bit alone, and what the table has rows about, and near it. */
static bool agrees_for_arguments(size_t which, struct seccomp_data *data, const char *name)
{
	const int answer = answer_to(&seccomp_policies[which], name);
	static const uint64_t halves[] = { 0, 1, 0xdeadbeef, UINT32_MAX };
	const struct seccomp_policy *policy = &seccomp_policies[which];
	bool good = true;

	for (unsigned int bit = 0; bit < 64; bit++) {
		for (size_t i = 0; i < 6; i++)
			data->args[i] = UINT64_C(1) << bit;
		good = agrees(which, data, name, answer) && good;
	}
	for (size_t i = 0; i < policy->check_count; i++)
		for (size_t k = 0; k < TAP_COUNT(halves) * 3; k++) {
			uint32_t low = policy->checks[i].value + (uint32_t)(k % 3) - 1;

			for (size_t n = 0; n < 6; n++)
				data->args[n] = halves[k / 3] << 32 | low;
			good = agrees(which, data, name, answer) && good;
		}
	memset(data->args, 0, sizeof(data->args));
	return agrees(which, data, name, answer) && good;
}

/* libseccomp's name, or that of the table where libseccomp has none. */
static char *name_of(uint32_t arch, uint32_t number)
{
	char *name = seccomp_syscall_resolve_num_arch(arch, (int)number);

	for (size_t i = 0; name == NULL && i < TAP_COUNT(seccomp_numbers); i++)
		if (seccomp_numbers[i].number == number)
			return strdup(seccomp_numbers[i].call);
	return name;
}

static bool agrees_for_numbers(size_t which, uint32_t arch, uint32_t from, uint32_t to)
{
	bool good = true;

	for (uint32_t number = from; number <= to; number++) {
		struct seccomp_data data = { .nr = (int)number, .arch = arch };
		char *name = name_of(arch, number);

		good = agrees_for_arguments(which, &data, name) && good;
		free(name);
	}
	return good;
}

static void check_abis(size_t which)
{
	const struct seccomp_policy *policy = &seccomp_policies[which];
	const uint32_t native = seccomp_arch_native();
	const uint32_t other = native == SCMP_ARCH_X86_64 ? SCMP_ARCH_X86 :
			       native == SCMP_ARCH_AARCH64 ? SCMP_ARCH_ARM : 0;

	CHECK(agrees_for_numbers(which, native, 0, 1100));
	CHECK(agrees_for_numbers(which, native, X32 - 2, X32 - 1));
	CHECK(agrees_for_numbers(which, native, X32, X32 + 1100));	/* x32's, on x86-64 */
	CHECK(agrees_for_numbers(which, native, UINT32_MAX - 10, UINT32_MAX - 1));
	if (other == 0 || !policy->all_abis)
		return;
	CHECK(agrees_for_numbers(which, other, 0, 1100));
	CHECK(agrees_for_numbers(which, other, 0x0f0000 - 2, 0x0f0020));
	CHECK(agrees_for_numbers(which, other, X32, X32 + 1100));
}

static void session__is_what_the_table_says(void)
{
	check_abis(0);
}

static void nested__is_what_the_table_says(void)
{
	check_abis(1);
}

static void init__is_what_the_table_says(void)
{
	check_abis(2);
}

/* The two differ by what namespaces need, and by nothing else. */
static void nested__allows_namespaces_alone(void)
{
	static const char more[] = "setns mount umount umount2 pivot_root chroot open_tree open_tree_attr "
				   "move_mount fsopen fsconfig fsmount fspick mount_setattr sethostname "
				   "setdomainname unshare clone";
	const struct seccomp_group group = { SECCOMP_ALLOW, more };

	for (int number = 0; number < 1100; number++) {
		struct seccomp_data data = { .nr = number, .arch = seccomp_arch_native() };
		char *name = name_of(data.arch, (uint32_t)number);
		size_t steps = 0;

		for (uint64_t argument = 1; argument != 0; argument <<= 1) {
			uint32_t plain, nested;

			data.args[0] = argument;
			plain = run(&programs[0], &data, &steps);
			nested = run(&programs[1], &data, &steps);
			/* One that is in no kernel goes with the number before it. */
			CHECK(nested == plain || answer_to(&seccomp_policies[1], name) == SECCOMP_ABSENT ||
			      (nested == SECCOMP_RET_ALLOW && name && lists(&group, name)) ||
			      (nested == action(ENOSYS) && plain == action(EPERM)));
		}
		free(name);
	}
}

/* Of whatever ABI the table does not speak: killed, whatever the number. */
static void architecture__of_none_of_ours_is_killed(void)
{
	static const uint32_t others[] = { SCMP_ARCH_PPC64LE, SCMP_ARCH_S390X, SCMP_ARCH_MIPS, 0,
					   UINT32_MAX };

	for (size_t which = 0; which < TAP_COUNT(programs); which++)
		for (size_t i = 0; i < TAP_COUNT(others); i++)
			for (int number = -1; number < 1100; number++) {
				const struct seccomp_data data = { .nr = number, .arch = others[i] };
				size_t steps;

				CHECK(run(&programs[which], &data, &steps) == SECCOMP_RET_KILL_PROCESS);
			}
	CHECK(true);
}

/* Of a session's table no call of any ABI is forgotten, be it to refuse it. */
static void session__names_every_call(void)
{
	static const uint32_t abis[] = { SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_AARCH64,
					 SCMP_ARCH_ARM };
	const struct seccomp_policy *policy = &seccomp_policies[0];

	for (size_t i = 0; i < TAP_COUNT(abis); i++)
		for (uint32_t number = 0; number < 0x0f0010; number++) {
			char *name = name_of(abis[i], number);
			size_t found = 0;

			for (size_t k = 0; name != NULL && k < policy->group_count; k++)
				found += lists(&policy->groups[k], name);
			if (name != NULL && found != 1)
				printf("# %s, %u of %x, is in %zu groups\n", name, number, abis[i], found);
			CHECK(name == NULL || found == 1);
			free(name);
			if (number == 1024)
				number = 0x0effff;
		}
}

static void numbers__are_libseccomps(void)
{
	for (size_t i = 0; i < TAP_COUNT(seccomp_numbers); i++) {
		int number = seccomp_syscall_resolve_name(seccomp_numbers[i].call);

		if (number >= 0 && (unsigned int)number != seccomp_numbers[i].number)
			printf("# %s\n", seccomp_numbers[i].call);
		CHECK(number < 0 || (unsigned int)number == seccomp_numbers[i].number);
		CHECK(i == 0 || seccomp_numbers[i].number == seccomp_numbers[i - 1].number + 1);
	}
}

/* ---- the kernel, asked ------------------------------------------------------------- */

/* The number's own door: that of this ABI, or of i386. All arguments are 0. */
static long make_call(uint32_t arch, uint32_t number)
{
#ifdef __x86_64__
	long result;

	if (arch == SCMP_ARCH_X86) {
		__asm__ volatile("int $0x80" : "=a"(result)
				 : "a"((unsigned long)number), "b"(0L), "c"(0L), "d"(0L), "S"(0L),
				   "D"(0L)
				 : "memory", "r8", "r9", "r10", "r11");
		return result;
	}
#endif
	(void)arch;
	return syscall(number, 0L, 0L, 0L, 0L, 0L, 0L) < 0 ? -errno : 0;
}

/* Without a filter, by getpid: a kernel may be built or started without i386's door. */
static bool has_door(uint32_t arch)
{
	int status = 1;
	pid_t pid;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(arch != SCMP_ARCH_X86 || make_call(arch, 20) > 0 ? 0 : 1);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* uretprobe and uprobe: the kernel shows them to no filter since Linux 6.14. */
static bool is_shown(uint32_t arch, uint32_t number)
{
	return arch != SCMP_ARCH_X86_64 || (number != 335 && number != 336);
}

/* Under the real filter: every call that is refused whatever its arguments, and so is harmless. */
static _Noreturn void ask_refused(uint32_t arch, uint32_t from, uint32_t to)
{
	int status = 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || cs_seccomp_install(false) < 0)
		_exit(2);
	for (uint32_t number = from; number <= to; number++) {
		const struct seccomp_data data = { .nr = (int)number, .arch = arch };
		size_t steps;
		uint32_t answer = run(&programs[0], &data, &steps);
		long got;

		if (answer == SECCOMP_RET_ALLOW || !is_shown(arch, number))
			continue;
		got = make_call(arch, number);
		if (got != -(long)(answer & SECCOMP_RET_DATA)) {
			printf("# call %u of %x: %ld\n", number, arch, got);
			status = 1;
		}
	}
	(void)fflush(stdout);
	_exit(status);
}

static bool kernel_refuses(uint32_t arch, uint32_t from, uint32_t to)
{
	int status = 1;
	pid_t pid;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0)
		ask_refused(arch, from, to);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static void kernel__refuses_what_the_table_refuses(void)
{
	CHECK(kernel_refuses(seccomp_arch_native(), 0, 1100));
	CHECK(kernel_refuses(seccomp_arch_native(), UINT32_MAX - 10, UINT32_MAX - 1));
}

static void kernel__refuses_x32(void)
{
	if (seccomp_arch_native() != SCMP_ARCH_X86_64)
		SKIP("not x86-64");
	CHECK(kernel_refuses(SCMP_ARCH_X86_64, X32, X32 + 1100));
}

static void kernel__refuses_by_int80(void)
{
	if (seccomp_arch_native() != SCMP_ARCH_X86_64 || !has_door(SCMP_ARCH_X86))
		SKIP("no system calls of i386 here");
	CHECK(kernel_refuses(SCMP_ARCH_X86, 0, 1100));
	CHECK(kernel_refuses(SCMP_ARCH_X86, X32, X32 + 1100));
}

/* The kernel runs the program for each number when it is installed: doc/adr/0017. */
static void session__costs_little(void)
{
	size_t all = 0;

	for (int number = 0; number < SECCOMP_NUMBERS; number++) {
		const struct seccomp_data data = { .nr = number, .arch = seccomp_arch_native() };
		size_t steps = 0;

		(void)run(&programs[0], &data, &steps);
		all += steps;
	}
	printf("# %zu instructions, %zu.%02zu on the way to an answer\n", programs[0].count,
	       all / SECCOMP_NUMBERS, all % SECCOMP_NUMBERS * 100 / SECCOMP_NUMBERS);
	CHECK(all / SECCOMP_NUMBERS < 11);
	CHECK(programs[0].count < 200);
}

/* ---- trees that are larger than ours -------------------------------------------------- */

static size_t write_number(struct seccomp_program *program, unsigned int answer,
			   void *context)
{
	size_t place = seccomp_tree_return(program, answer);

	(void)context;
	/* As long as checks of arguments make it, so that jumps have far to go. */
	for (size_t i = 0; i < answer % 5; i++)
		place = seccomp_tree_branch(program, BPF_JMP | BPF_JEQ | BPF_K, 0, place, place);
	return place;
}

static bool tree_is_right(unsigned int seed, size_t count, unsigned int answers, unsigned int step)
{
	static struct seccomp_range ranges[SECCOMP_RANGES_MAX];
	static struct seccomp_program backward;
	static struct sock_filter code[BPF_MAXINSNS];
	struct program program = { .code = code };
	uint32_t first = 0;

	srandom(seed);
	backward.count = 0;
	for (size_t i = 0; i < count; i++) {
		ranges[i].first = first;
		ranges[i].answer = (unsigned int)random() % answers;
		while (i > 0 && answers > 1 && ranges[i].answer == ranges[i - 1].answer)
			ranges[i].answer = (unsigned int)random() % answers;
		first += 1 + (uint32_t)random() % step;
	}
	(void)seccomp_tree_write(&backward, ranges, count, write_number, NULL);
	(void)seccomp_tree_put(&backward, BPF_LD | BPF_W | BPF_ABS, 0);
	for (program.count = 0; program.count < backward.count; program.count++)
		code[program.count] = backward.code[backward.count - 1 - program.count];
	for (size_t i = 0; i < count; i++) {
		uint32_t next = i + 1 < count ? ranges[i + 1].first : ranges[i].first + 10;

		for (uint32_t number = ranges[i].first; number < next; number++) {
			const struct seccomp_data data = { .nr = (int)number };
			size_t steps;

			if (run(&program, &data, &steps) != ranges[i].answer) {
				printf("# seed %u, %zu ranges: number %u\n", seed, count, number);
				return false;
			}
		}
	}
	return true;
}

static void tree__finds_every_range(void)
{
	static const size_t counts[] = { 1, 2, 3, 7, 60, 150, 300, SECCOMP_RANGES_MAX };

	for (unsigned int seed = 0; seed < 4; seed++)
		for (size_t i = 0; i < TAP_COUNT(counts); i++) {
			CHECK(tree_is_right(seed, counts[i], 2, 3));
			CHECK(tree_is_right(seed, counts[i], 3, 9));
			CHECK(tree_is_right(seed, counts[i], 200, 2));
		}
}

static const struct tap_test tests[] = {
	TAP_TEST(names__are_listed_once),
	TAP_TEST(session__is_what_the_table_says),
	TAP_TEST(nested__is_what_the_table_says),
	TAP_TEST(nested__allows_namespaces_alone),
	TAP_TEST(init__is_what_the_table_says),
	TAP_TEST(architecture__of_none_of_ours_is_killed),
	TAP_TEST(session__names_every_call),
	TAP_TEST(numbers__are_libseccomps),
	TAP_TEST(kernel__refuses_what_the_table_refuses),
	TAP_TEST(kernel__refuses_x32),
	TAP_TEST(kernel__refuses_by_int80),
	TAP_TEST(session__costs_little),
	TAP_TEST(tree__finds_every_range),
};

int main(void)
{
	return tap_run(tests, TAP_COUNT(tests));
}
