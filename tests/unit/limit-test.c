/* SPDX-License-Identifier: GPL-3.0-or-later */
/* limit-test: which limits there are, sets of processors, and control groups that take them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cpus.h"
#include "fd.h"
#include "files.h"
#include "limit.h"
#include "limits.h"
#include "tap.h"

static bool sound(uint32_t kind, uint32_t form, uint64_t soft, uint64_t hard)
{
	const struct cs_limit limit = { .kind = kind, .form = form, .soft = soft, .hard = hard };

	return cs_limit_is_sound(&limit);
}

static void is_sound__of_what_there_is(void)
{
	CHECK(sound(CS_LIMIT_MEMORY_MAX, CS_LIMIT_NUMBER, 1 << 20, 1 << 20));
	CHECK(sound(CS_LIMIT_MEMORY_MAX, CS_LIMIT_PERCENT, 50, 50));
	CHECK(sound(CS_LIMIT_SWAP_MAX, CS_LIMIT_NUMBER, 0, 0));
	CHECK(sound(CS_LIMIT_CPU_WEIGHT, CS_LIMIT_NUMBER, 0, 0));
	CHECK(sound(CS_LIMIT_NOFILE, CS_LIMIT_NUMBER, 256, 1024));
	CHECK(sound(CS_LIMIT_CORE, CS_LIMIT_NUMBER, 0, CS_LIMIT_INFINITY));
	CHECK(sound(CS_LIMIT_STACK, CS_LIMIT_NUMBER, CS_LIMIT_INFINITY, CS_LIMIT_INFINITY));
}

static void is_sound__refuses_all_else(void)
{
	CHECK(!sound(CS_LIMIT_KINDS, CS_LIMIT_NUMBER, 1, 1));
	CHECK(!sound(UINT32_MAX, CS_LIMIT_NUMBER, 1, 1));
	CHECK(!sound(CS_LIMIT_PIDS_MAX, CS_LIMIT_NONE, 100, 100));
	CHECK(!sound(CS_LIMIT_PIDS_MAX, CS_LIMIT_PERCENT, 50, 50));
	CHECK(!sound(CS_LIMIT_PIDS_MAX, 3, 100, 100));
	CHECK(!sound(CS_LIMIT_PIDS_MAX, CS_LIMIT_NUMBER, 1, 1));
	CHECK(!sound(CS_LIMIT_PIDS_MAX, CS_LIMIT_NUMBER, CS_LIMIT_INFINITY, CS_LIMIT_INFINITY));
	/* only of processes are there two */
	CHECK(!sound(CS_LIMIT_PIDS_MAX, CS_LIMIT_NUMBER, 100, 200));
	CHECK(!sound(CS_LIMIT_NOFILE, CS_LIMIT_NUMBER, 1024, 256));
	CHECK(!sound(CS_LIMIT_NOFILE, CS_LIMIT_NUMBER, 256, CS_LIMIT_INFINITY));
	CHECK(!sound(CS_LIMIT_MEMORY_MAX, CS_LIMIT_PERCENT, 0, 0));
	CHECK(!sound(CS_LIMIT_MEMORY_MAX, CS_LIMIT_PERCENT, 101, 101));
	CHECK(!sound(CS_LIMIT_MEMORY_MAX, CS_LIMIT_NUMBER, UINT64_MAX, UINT64_MAX));
	CHECK(!sound(CS_LIMIT_NICE, CS_LIMIT_NUMBER, 40, 40));
}

/* ---- sets of processors --------------------------------------------------------- */

static bool is_printed_as(const char *text, const char *expected)
{
	char printed[CS_CPUS_TEXT_MAX];
	struct cs_cpus cpus;

	return cs_cpus_parse(text, &cpus) == 0 &&
	       cs_cpus_print(&cpus, printed, sizeof(printed)) == 0 && strcmp(printed, expected) == 0;
}

static void parse__gives_what_the_kernel_would_print(void)
{
	CHECK(is_printed_as("0", "0"));
	CHECK(is_printed_as("0-3,5\n", "0-3,5"));
	CHECK(is_printed_as("5,3,1-2,2 0", "0-3,5"));
	CHECK(is_printed_as("63-64,8191", "63-64,8191"));
	CHECK(is_printed_as("007", "7"));
	CHECK(is_printed_as("0-8191", "0-8191"));
}

static void parse__refuses_all_else(void)
{
	static const char *const wrong[] = {
		"", "\n", ",", "0,", ",0", "-", "-1", "1-", "3-1", "0-8192", "8192", "99999999999999999999",
		"a", "0x1", "0 ", " 0", "0,,1", "1-2-3", "0\n\n", "all",
	};
	struct cs_cpus cpus;

	for (size_t i = 0; i < TAP_COUNT(wrong); i++) {
		if (cs_cpus_parse(wrong[i], &cpus) == 0)
			printf("# taken: \"%s\"\n", wrong[i]);
		CHECK(cs_cpus_parse(wrong[i], &cpus) == -EINVAL);
	}
}

static void print__of_more_than_there_is_room_for(void)
{
	struct cs_cpus cpus = { { 0 } };
	char text[CS_CPUS_TEXT_MAX];

	CHECK(cs_cpus_print(&cpus, text, sizeof(text)) == -EINVAL);
	memset(cpus.set, 0x55, sizeof(cpus.set));
	CHECK(cs_cpus_print(&cpus, text, sizeof(text)) == -E2BIG);
}

static bool within(const char *some, const char *all)
{
	struct cs_cpus a, b;

	return cs_cpus_parse(some, &a) == 0 && cs_cpus_parse(all, &b) == 0 && cs_cpus_within(&a, &b);
}

static void within__is_of_each(void)
{
	const struct cs_cpus none = { { 0 } };

	CHECK(within("0", "0"));
	CHECK(within("1-2,4000", "0-3,4000-4001"));
	CHECK(!within("0-4", "0-3"));
	CHECK(!within("8191", "0-8190"));
	CHECK(!cs_cpus_within(&none, &none));
}

/* ---- a control group -------------------------------------------------------------- */

/*
 * Plain files, which say what was written to them: where a controller is, and what
 * the kernel makes of a value, is for the tests on virtual machines.
 */
struct place {
	char path[32];
	int root_fd, group_fd;
	struct cs_report report;
};

static void put(const struct place *place, const char *name, const char *text)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", place->path, name);
	files_write(path, text);
}

static bool holds(const struct place *place, const char *name, const char *text)
{
	cs_autofree char *found = NULL;
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", place->path, name);
	found = files_read(path);
	if (!found || strcmp(found, text) != 0)
		printf("# %s has %s\n", name, found ? found : "not been written");
	return found && strcmp(found, text) == 0;
}

static struct place enter(void)
{
	struct place place = { .path = "/tmp/limit-test.XXXXXX" };

	CHECK(mkdtemp(place.path));
	place.root_fd = open(place.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(mkdirat(place.root_fd, "above", 0755) == 0);
	CHECK(mkdirat(place.root_fd, "above/group", 0755) == 0);
	place.group_fd = openat(place.root_fd, "above/group", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(place.group_fd >= 0);
	put(&place, "cgroup.subtree_control", "");
	put(&place, "above/cgroup.subtree_control", "");
	return place;
}

static void leave(struct place *place)
{
	char command[64];

	cs_fd_close(&place->root_fd);
	cs_fd_close(&place->group_fd);
	(void)snprintf(command, sizeof(command), "rm -rf %s", place->path);
	CHECK(system(command) == 0);
}

static int set(struct place *place, const struct cs_plan *plan)
{
	return cs_limits_set(plan, place->root_fd, "above/group", place->group_fd, &place->report);
}

static void add(struct cs_plan *plan, enum cs_limit_kind kind, uint64_t number)
{
	plan->limits[plan->limit_count++] = (struct cs_limit){
		.kind = kind, .form = CS_LIMIT_NUMBER, .soft = number, .hard = number,
	};
}

static void set__writes_each_limit(void)
{
	static struct cs_plan plan = { .cpuset = "0-3" };
	struct place place = enter();
	static const char *const files[] = {
		"memory.max", "memory.high", "memory.swap.max", "memory.oom.group", "pids.max",
		"cpu.weight", "cpu.max", "cpuset.cpus",
	};

	for (size_t i = 0; i < TAP_COUNT(files); i++) {
		char path[64];

		(void)snprintf(path, sizeof(path), "above/group/%s", files[i]);
		put(&place, path, "");
	}
	put(&place, "above/group/cpuset.cpus.effective", "0-1\n");
	add(&plan, CS_LIMIT_MEMORY_MAX, (64 << 20) + 1);
	add(&plan, CS_LIMIT_MEMORY_HIGH, 32 << 20);
	add(&plan, CS_LIMIT_SWAP_MAX, 0);
	add(&plan, CS_LIMIT_OOM_GROUP, 1);
	add(&plan, CS_LIMIT_PIDS_MAX, 100);
	add(&plan, CS_LIMIT_CPU_WEIGHT, 50);
	add(&plan, CS_LIMIT_CPU_QUOTA, 150);
	CHECK(cs_limits_wanted(&plan) && strcmp(cs_limits_wanted(&plan), "limit memory") == 0);
	CHECK(set(&place, &plan) == 0);
	CHECK(holds(&place, "above/group/memory.max", "67108864"));
	CHECK(holds(&place, "above/group/memory.high", "33554432"));
	CHECK(holds(&place, "above/group/memory.swap.max", "0"));
	CHECK(holds(&place, "above/group/memory.oom.group", "1"));
	CHECK(holds(&place, "above/group/pids.max", "100"));
	CHECK(holds(&place, "above/group/cpu.weight", "50"));
	CHECK(holds(&place, "above/group/cpu.max", "150000 100000"));
	CHECK(holds(&place, "above/group/cpuset.cpus", "0-3"));
	/* they were all there */
	CHECK(holds(&place, "above/cgroup.subtree_control", ""));
	leave(&place);
}

static void set__of_a_weight_of_nothing(void)
{
	static struct cs_plan plan = { .cpuset = "" };
	struct place place = enter();

	put(&place, "above/group/cpu.idle", "");
	add(&plan, CS_LIMIT_CPU_WEIGHT, 0);
	CHECK(set(&place, &plan) == 0);
	CHECK(holds(&place, "above/group/cpu.idle", "1"));
	leave(&place);
}

static void wanted__of_sessions_limits_is_none(void)
{
	static struct cs_plan plan = { .cpuset = "" };

	add(&plan, CS_LIMIT_NICE, 5);
	add(&plan, CS_LIMIT_NOFILE, 1024);
	CHECK(cs_limits_wanted(&plan) == NULL);
	plan.cpuset = "0";
	CHECK(cs_limits_wanted(&plan) != NULL);
}

static void set__turns_controllers_on_from_the_root_down(void)
{
	static struct cs_plan plan = { .cpuset = "" };
	struct place place = enter();

	add(&plan, CS_LIMIT_SWAP_MAX, 4096);
	CHECK(set(&place, &plan) == -ENOENT);
	CHECK(holds(&place, "cgroup.subtree_control", "+memory"));
	CHECK(holds(&place, "above/cgroup.subtree_control", "+memory"));
	CHECK(strcmp(place.report.what, "limit swap space") == 0);
	CHECK(strcmp(cs_report_why(&place.report), "the kernel has no memory.swap.max") == 0);
	leave(&place);
}

static void set__of_a_controller_that_is_not_there(void)
{
	static struct cs_plan plan = { .cpuset = "" };
	struct place place = enter();

	CHECK(unlinkat(place.root_fd, "cgroup.subtree_control", 0) == 0);
	add(&plan, CS_LIMIT_PIDS_MAX, 100);
	CHECK(set(&place, &plan) == -ENOENT);
	CHECK(strcmp(place.report.what, "limit processes") == 0);
	CHECK(strcmp(cs_report_why(&place.report), "no pids controller of cgroup v2 on this host") == 0);
	leave(&place);
}

/* What is there before stays behind what is written: another value than was meant. */
static void set__of_a_value_that_does_not_come_back(void)
{
	static struct cs_plan plan = { .cpuset = "" };
	struct place place = enter();

	put(&place, "above/group/pids.max", "123456");
	add(&plan, CS_LIMIT_PIDS_MAX, 100);
	CHECK(set(&place, &plan) == -EIO);
	CHECK(strcmp(cs_report_why(&place.report), "the kernel has taken another value") == 0);
	leave(&place);
}

static void set__of_processors_that_are_not_there(void)
{
	static struct cs_plan plan = { .cpuset = "6-7" };
	struct place place = enter();

	put(&place, "above/group/cpuset.cpus", "");
	put(&place, "above/group/cpuset.cpus.effective", "0-1\n");
	CHECK(set(&place, &plan) == -ENODEV);
	CHECK(strcmp(place.report.what, "choose processors") == 0);
	CHECK(strcmp(cs_report_why(&place.report), "they are not there") == 0);
	leave(&place);
}

static const struct tap_test tests[] = {
	TAP_TEST(is_sound__of_what_there_is),
	TAP_TEST(is_sound__refuses_all_else),
	TAP_TEST(parse__gives_what_the_kernel_would_print),
	TAP_TEST(parse__refuses_all_else),
	TAP_TEST(print__of_more_than_there_is_room_for),
	TAP_TEST(within__is_of_each),
	TAP_TEST(wanted__of_sessions_limits_is_none),
	TAP_TEST(set__writes_each_limit),
	TAP_TEST(set__of_a_weight_of_nothing),
	TAP_TEST(set__turns_controllers_on_from_the_root_down),
	TAP_TEST(set__of_a_controller_that_is_not_there),
	TAP_TEST(set__of_a_value_that_does_not_come_back),
	TAP_TEST(set__of_processors_that_are_not_there),
};

int main(void)
{
	return tap_run(tests, TAP_COUNT(tests));
}
