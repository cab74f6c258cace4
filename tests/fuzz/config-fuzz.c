/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * config-fuzz: a configuration file, and behind a NUL byte an fstab, all the way: loaded, a
 * plan made for each class and three users, sent as the planner sends it, received as the
 * helper does, and shown as --explain does.
 *
 * With $FUZZ_MESSAGES, a directory, each plan's message is put there: seeds for wire-fuzz.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <unistd.h>

#include "conf_keys.h"
#include "fd.h"
#include "fstab.h"
#include "fuzz.h"
#include "mount_text.h"
#include "strict.h"

#define CLASSES_MAX 8	/* of a configuration that are planned */

int __wrap_getgrnam_r(const char *name, struct group *group, char *buffer, size_t size,
		      struct group **ret_found);

/* The database has one group, and about those whose names begin with "doubt" it cannot say. */
int __wrap_getgrnam_r(const char *name, struct group *group, char *buffer, size_t size,
		      struct group **ret_found)
{
	(void)buffer;
	(void)size;
	*ret_found = NULL;
	if (strncmp(name, "doubt", 5) == 0)
		return EIO;
	if (strcmp(name, "staff") != 0)
		return 0;
	memset(group, 0, sizeof(*group));
	group->gr_gid = 50;
	*ret_found = group;
	return 0;
}

static char home[] = "/home/alice", long_home[1024], root_home[] = "/";
static char users_name[] = "users", staff_name[] = "staff";
static char *names[] = { users_name, NULL, staff_name };
static gid_t groups[] = { 100, 50 };

static struct cs_user users[] = {
	{ .uid = 1000, .gid = 100, .name = "alice", .home = home, .groups = groups,
	  .group_count = 2, .group_names = names,
	  .subids = { .uids = { 1, { { 100000, 65536 } } },
		      .gids = { 1, { { 100000, 65536 } } } } },
	{ .uid = 1001, .gid = 1001, .name = "..", .home = root_home },
	{ .uid = 4294967294, .gid = 4294967294, .home = long_home,
	  .subids = { .uids = { 2, { { 65536, 65536 }, { 4000000000, 65536 } } },
		      .gids = { 1, { { 4000000000, 65536 } } } } },
};

static void fill_users(void)
{
	if (long_home[0] != '\0')
		return;
	memset(long_home, 'x', sizeof(long_home) - 1);
	long_home[0] = '/';
	memset(users[2].name, 'n', sizeof(users[2].name) - 1);
	memcpy(users[2].name, "%u", 2);
}

/* ---- what holds for each plan ------------------------------------------------------ */

static bool is_given(const struct cs_mount *mount)
{
	return (mount->flags & CS_MOUNT_GIVEN) != 0 || mount->kind == CS_MOUNT_HIDE;
}

/* No mount, but something for an overlay. */
static bool is_layer(const struct cs_mount *mount)
{
	return mount->kind == CS_MOUNT_LOWER || mount->kind == CS_MOUNT_UPPER ||
	       mount->kind == CS_MOUNT_WORK;
}

/* What the configuration asks for is where it may be, under whatever name it was said. */
static void check_given(const struct cs_plan *plan, const struct cs_mount *mount)
{
	if (mount->kind == CS_MOUNT_NODE) {
		REQUIRE(cs_strict_path_within(mount->target, "/dev") &&
			strcmp(mount->source, mount->target) == 0);
		return;
	}
	if (!is_given(mount))
		return;
	REQUIRE((mount->flags & CS_MOUNT_NOSUID) != 0 && (mount->flags & CS_MOUNT_NODEV) != 0);
	if (cs_mount_has_source(mount->kind))
		REQUIRE(!cs_mount_text_source_fault(mount->source));
	if (mount->kind == CS_MOUNT_HIDE)
		REQUIRE(!cs_mount_text_hidden_fault(mount->target));
	else
		REQUIRE(!cs_mount_text_target_fault(mount->target));
	for (size_t i = 0; i < plan->link_count; i++)
		REQUIRE(!cs_strict_path_within(mount->target, plan->links[i].path));
}

/* No mount, or none that another could hide. */
static bool is_apart(const struct cs_mount *mount)
{
	return is_layer(mount) || mount->kind == CS_MOUNT_HIDE || mount->kind == CS_MOUNT_NODE;
}

/* Parents first: nothing is mounted over what is there already, but what is to hide it. */
static void check_order(const struct cs_plan *plan)
{
	for (size_t i = 0; i < plan->mount_count; i++) {
		const struct cs_mount *mount = &plan->mounts[i];

		/* Our own alone are the same in each plan. */
		for (size_t k = 0; k < i && !is_apart(mount); k++) {
			const struct cs_mount *before = &plan->mounts[k];

			if (!is_given(mount) && !is_given(before) && i + 1 < plan->mount_count)
				continue;
			REQUIRE(is_apart(before) ||
				!cs_strict_path_within(before->target, mount->target));
		}
	}
}

static void write_message(void)
{
	const char *directory = getenv("FUZZ_MESSAGES");
	cs_autofree char *bytes = NULL;
	cs_autoclose int fd = -1;
	static unsigned int number;
	char path[256];
	size_t size;

	if (!directory)
		return;
	(void)snprintf(path, sizeof(path), "%s/%u", directory, number++);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	REQUIRE(fd >= 0 && cs_fd_read_all(open(fuzz_file_path(), O_RDONLY | O_CLOEXEC),
					  (size_t)1 << 18, &bytes, &size) == 0 &&
		cs_fd_write_all(fd, bytes, size) == 0);
}

static void check_shown(const struct cs_plan *plan, const struct cs_conf_class *class)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	REQUIRE(out && cs_plan_print(plan, class, out) == 0 && fclose(out) == 0);
	REQUIRE(size > 0 && strlen(text) == size && text[size - 1] == '\n');
	free(text);
}

static void plan_for(const struct cs_conf_class *class, const struct cs_user *user)
{
	static struct cs_plan plan;
	char error[256] = "";
	const int result = cs_plan_make(class, user, &plan, error, sizeof(error));

	REQUIRE(result == 0 || result == -EINVAL || result == -EBADMSG);
	REQUIRE((result == 0) == (error[0] == '\0') && fuzz_is_line(error, false));
	if (result < 0)
		return;
	fuzz_check_plan(&plan);
	check_order(&plan);
	for (size_t i = 0; i < plan.mount_count; i++)
		check_given(&plan, &plan.mounts[i]);
	fuzz_check_round_trip(&plan, false);
	write_message();
	if (user == users)
		check_shown(&plan, class);
}

/* ---- a configuration ----------------------------------------------------------------- */

/* What cs_conf_read_fstab() does, but for where the file is. */
static bool take_fstab(const struct cs_conf_class *class, const char *text, size_t size)
{
	struct cs_conf_problems problems = { 0 };
	/* our own, which is const for who only looks at it */
	struct cs_conf_class *own = (struct cs_conf_class *)(uintptr_t)class;
	bool taken;

	if (class->fstab[0] == '\0')
		return true;
	REQUIRE(cs_fstab_take(own, text, size, &problems) == 0);
	fuzz_check_problems(&problems, class->fstab);
	taken = problems.count == 0;
	cs_conf_problems_free(&problems);
	return taken;
}

static void check_class_of(const struct cs_conf *conf, const struct cs_user *user)
{
	enum cs_conf_match match;
	const char *name;
	const struct cs_conf_class *class = cs_conf_class_of(conf, user, &match, &name);

	if (!class) {
		REQUIRE(strncmp(name, "doubt", 5) == 0);
		return;
	}
	REQUIRE((match == CS_MATCH_DEFAULT) == (name == NULL));
	REQUIRE(match != CS_MATCH_DEFAULT || strcmp(class->name, "default") == 0);
	REQUIRE(match != CS_MATCH_USER || strcmp(name, user->name) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size > 0 ? memchr(data, '\0', size) : NULL;
	const size_t length = end ? (size_t)(end - data) : size;
	const char *fstab = end ? (const char *)end + 1 : "";
	const size_t fstab_size = end ? size - length - 1 : 0;
	const struct cs_conf_class *class;
	struct cs_conf_problems problems;
	struct cs_conf *conf = NULL;
	int result;

	fill_users();
	(void)fuzz_file(data, length);
	result = cs_conf_load(fuzz_file_path(), "no-such-directory", false, &conf, &problems);
	REQUIRE(result == (problems.count > 0 ? -EINVAL : 0) && (conf != NULL) == (result == 0));
	fuzz_check_problems(&problems, fuzz_file_path());
	/* The line scan is to know what iniparser takes in another way. */
	for (size_t i = 0; i < problems.count; i++)
		REQUIRE(!strstr(problems.lines[i], "iniparser reads it in another way"));
	for (size_t i = 0; i < CLASSES_MAX && conf && (class = cs_conf_class_at(conf, i)); i++)
		for (size_t k = 0; k < sizeof(users) / sizeof(users[0]); k++)
			if (k > 0 || take_fstab(class, fstab, fstab_size))
				plan_for(class, &users[k]);
			else
				break;
	for (size_t k = 0; conf && k < sizeof(users) / sizeof(users[0]); k++)
		check_class_of(conf, &users[k]);
	cs_conf_problems_free(&problems);
	cs_conf_free(conf);
	return 0;
}
