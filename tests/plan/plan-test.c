/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plan-test: each X.conf here gives alice the plan in X.plan. A line
 * "# home: PATH" gives her another home than /home/alice, "# groups: GID..."
 * supplementary groups, "# names: NAME..." names of the primary one and of them, "-" for
 * none, "# subids: START+COUNT..." subordinate ids of both kinds.
 * Her class's fstab is X.fstab.
 */
#include <errno.h>
#include <stdlib.h>

#include "conf.h"
#include "files.h"
#include "fstab.h"
#include "plan.h"

/* What stands behind @mark in the file, or @otherwise. */
static char *word_of(const char *path, const char *mark, const char *otherwise)
{
	cs_autofree char *text = files_read(path);
	const char *line = text ? strstr(text, mark) : NULL;

	if (!line)
		return strdup(otherwise);
	line += strlen(mark);
	return strndup(line, strcspn(line, "\n"));
}

/* What cs_conf_read_fstab() does, but for where the file is: it has to be root's. */
static void read_fstab(const char *path, const struct cs_conf_class *class)
{
	cs_autofree char *name = NULL, *text = NULL;
	struct cs_conf_problems problems = { 0 };

	if (class->fstab[0] == '\0')
		return;
	CHECK(asprintf(&name, "%.*s.fstab", (int)strlen(path) - 5, path) > 0);
	text = files_read(name);
	CHECK(text);
	/* the test's own class, which is const for who only looks at it */
	CHECK(cs_fstab_take((struct cs_conf_class *)(uintptr_t)class, text, strlen(text), &problems) == 0);
	for (size_t i = 0; i < problems.count; i++)
		printf("# %s\n", problems.lines[i]);
	CHECK(problems.count == 0);
	cs_conf_problems_free(&problems);
}

static void take_names(const char *path, struct cs_user *user)
{
	cs_autofree char *names = word_of(path, "# names: ", "");
	size_t count = 0;

	if (names[0] == '\0')
		return;
	user->group_names = calloc(user->group_count + 1, sizeof(*user->group_names));
	CHECK(user->group_names);
	for (char *rest, *name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
		CHECK(count <= user->group_count);
		user->group_names[count++] = strcmp(name, "-") == 0 ? NULL : strdup(name);
	}
}

static void take_ids(const char *path, struct cs_user *user)
{
	cs_autofree char *groups = word_of(path, "# groups: ", "");
	cs_autofree char *subids = word_of(path, "# subids: ", "");
	struct cs_subid_ranges *ranges = &user->subids.uids;

	user->groups = calloc(256, sizeof(*user->groups));
	CHECK(user->groups);
	for (char *next = groups; *next; next += strspn(next, " "))
		user->groups[user->group_count++] = (gid_t)strtoul(next, &next, 10);
	for (char *next = subids; *next; next += strspn(next, " ")) {
		struct cs_subid_range *range = &ranges->list[ranges->count++];

		range->start = (uint32_t)strtoul(next, &next, 10);
		range->count = (uint32_t)strtoul(next + 1, &next, 10);
	}
	user->subids.gids = *ranges;
}

static void print(const char *path, const struct cs_conf *conf, const struct cs_user *user, FILE *out)
{
	const struct cs_conf_class *class;
	enum cs_conf_match match;
	struct cs_plan plan;
	char error[256];
	const char *name;

	class = cs_conf_class_of(conf, user, &match, &name);
	read_fstab(path, class);
	if (cs_plan_make(class, user, &plan, error, sizeof(error)) < 0) {
		(void)fprintf(out, "%s\n", error);
		return;
	}
	CHECK(cs_plan_print(&plan, class, out) == 0);
}

static void check(const char *path)
{
	cs_autofree char *text = NULL;
	struct cs_user user = { .uid = 1000, .gid = 100, .name = "alice",
				.home = word_of(path, "# home: ", "/home/alice") };
	struct cs_conf_problems problems;
	struct cs_conf *conf = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	take_ids(path, &user);
	take_names(path, &user);
	CHECK(cs_conf_load(path, "no-such-directory", false, &conf, &problems) == 0);
	if (conf)
		print(path, conf, &user, out);
	(void)fclose(out);
	files_expect(path, ".plan", text);
	cs_conf_problems_free(&problems);
	cs_conf_free(conf);
	cs_user_free(&user);
}

int main(void)
{
	size_t number = 0;
	int status;

	files_enter("tests/plan");
	status = files_run("*.conf", check, &number);
	printf("1..%zu\n", number);
	return status;
}
