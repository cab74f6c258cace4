/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plan-kept-test: lib/policy/plan_kept.c and local.c: when a plan is kept, and
 * what makes it another. Built with CS_RUNDIR "run" and so below the directory
 * that this test makes for itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "conf_keys.h"
#include "fd.h"
#include "files.h"
#include "local.h"
#include "places.h"
#include "plan_kept.h"
#include "tap.h"

#define UID 64021
#define GID 64022
#define KEPT "run-plans/64021"

#define ROOT_ONLY()                                      \
	do {                                             \
		if (getuid() != 0)                       \
			SKIP("kept plans belong to root"); \
	} while (0)

static const struct cs_conf_stamp conf_stamp = { { 7, 9 } };
static const gid_t groups[] = { GID, 5 };

static void make(struct cs_plan *ret_plan)
{
	struct cs_conf_class class = { .name = "default" };
	char home[] = "/home/alice";
	struct cs_user user = { .uid = UID, .gid = GID, .name = "alice", .home = home };
	char error[256];

	CHECK(cs_conf_keys_set_defaults(&class) == 0);
	CHECK(cs_plan_make(&class, &user, ret_plan, error, sizeof(error)) == 0);
	cs_conf_keys_free(&class);
}

static struct cs_conf_stamp basis(void)
{
	struct cs_conf_stamp stamp = { { 0, 0 } };

	CHECK(cs_plan_kept_basis(UID, GID, groups, 2, &stamp) == 0);
	return stamp;
}

static bool same(struct cs_conf_stamp one, struct cs_conf_stamp other)
{
	return memcmp(&one, &other, sizeof(one)) == 0;
}

static void keep(struct cs_plan *plan)
{
	struct cs_conf_stamp now = basis();

	make(plan);
	CHECK(cs_plan_kept_write(&now, plan, &conf_stamp) == 0);
}

static int recall(struct cs_plan *plan)
{
	struct cs_conf_stamp now = basis(), conf;

	return cs_plan_kept_read(&now, UID, GID, plan, &conf);
}

/* ---- kept and read ------------------------------------------------------------- */

static void kept__comes_back(void)
{
	static struct cs_plan plan, back;
	struct cs_conf_stamp now = basis(), conf;
	struct stat info;

	ROOT_ONLY();
	keep(&plan);
	CHECK(cs_plan_kept_read(&now, UID, GID, &back, &conf) == 0);
	CHECK(same(conf, conf_stamp) && back.uid == UID && back.gid == GID);
	CHECK(strcmp(back.home, plan.home) == 0 && back.mount_count == plan.mount_count);
	CHECK(stat("run-plans", &info) == 0 && (info.st_mode & 07777) == 0700);
	CHECK(stat(KEPT, &info) == 0 && (info.st_mode & 07777) == 0600);
	CHECK(access("run-plans/new", F_OK) < 0);
}

static void kept__another_takes_its_place(void)
{
	static struct cs_plan plan;

	ROOT_ONLY();
	keep(&plan);
	keep(&plan);
	CHECK(recall(&plan) == 0);
}

static void kept__nothing_yet(void)
{
	static struct cs_plan plan;

	ROOT_ONLY();
	CHECK(unlink(KEPT) == 0 && recall(&plan) == -ENOENT);
}

/* The fstab is in no basis: the plan names it, and it has to be as it was read. */
static void kept__of_another_fstab(void)
{
	static struct cs_plan plan, back;
	struct cs_conf_stamp now = basis(), conf, read = { { 0, 0 } };
	char path[4096 + 16];
	int fd;

	ROOT_ONLY();
	CHECK(getcwd(path, sizeof(path) - 16));
	strcat(path, "/fstab");
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	CHECK(fd >= 0 && write(fd, "#\n", 2) == 2);
	make(&plan);
	plan.fstab = path;
	CHECK(cs_conf_stamp_now(CS_MAIN_FILE, CS_DROPIN_DIR, &read) == 0);
	cs_conf_stamp_add(&read, path);
	CHECK(cs_plan_kept_write(&now, &plan, &read) == 0);
	CHECK(cs_plan_kept_read(&now, UID, GID, &back, &conf) == 0);
	CHECK(strcmp(back.fstab, path) == 0 && same(conf, read));
	CHECK(write(fd, "#\n", 2) == 2);
	CHECK(cs_plan_kept_read(&now, UID, GID, &back, &conf) == -ESTALE);
	CHECK(unlink(path) == 0);
	CHECK(cs_plan_kept_read(&now, UID, GID, &back, &conf) == -ESTALE);
	(void)close(fd);
}

static void kept__of_another_basis(void)
{
	static struct cs_plan plan;
	struct cs_conf_stamp other = basis(), conf;

	ROOT_ONLY();
	keep(&plan);
	other.hash[1]++;
	CHECK(cs_plan_kept_read(&other, UID, GID, &plan, &conf) == -ESTALE);
}

static void kept__of_another_user(void)
{
	static struct cs_plan plan;
	struct cs_conf_stamp now = basis(), conf;

	ROOT_ONLY();
	keep(&plan);
	CHECK(link(KEPT, "run-plans/64023") == 0);
	CHECK(cs_plan_kept_read(&now, 64023, GID, &plan, &conf) == -EBADMSG);
	CHECK(cs_plan_kept_read(&now, UID, GID + 1, &plan, &conf) == -EBADMSG);
	CHECK(unlink("run-plans/64023") == 0);
}

static void kept__cut_short(void)
{
	static struct cs_plan plan;
	struct stat info;

	ROOT_ONLY();
	keep(&plan);
	CHECK(stat(KEPT, &info) == 0);
	for (off_t size = info.st_size - 1; size >= 0; size -= size > 64 ? 61 : 1) {
		CHECK(truncate(KEPT, size) == 0);
		CHECK(recall(&plan) < 0);
	}
}

static void kept__not_roots_alone(void)
{
	static struct cs_plan plan;

	ROOT_ONLY();
	keep(&plan);
	CHECK(chmod(KEPT, 0620) == 0 && recall(&plan) == -EPERM);
	CHECK(chmod(KEPT, 0600) == 0 && chown(KEPT, UID, 0) == 0 && recall(&plan) == -EPERM);
	CHECK(chown(KEPT, 0, 0) == 0 && recall(&plan) == 0);
	CHECK(chmod("run-plans", 0777) == 0 && recall(&plan) == -EPERM);
	CHECK(chmod("run-plans", 0700) == 0);
	CHECK(rename(KEPT, "run-plans/elsewhere") == 0 && symlink("elsewhere", KEPT) == 0);
	CHECK(recall(&plan) == -ELOOP);
	CHECK(unlink(KEPT) == 0 && unlink("run-plans/elsewhere") == 0);
}

static void kept__while_another_planner_writes(void)
{
	static struct cs_plan plan;
	struct cs_conf_stamp now = basis();
	cs_autoclose int fd = -1;

	ROOT_ONLY();
	keep(&plan);
	fd = open("run-plans", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(fd >= 0 && flock(fd, LOCK_EX) == 0);
	CHECK(cs_plan_kept_write(&now, &plan, &conf_stamp) == -EWOULDBLOCK);
}

/* ---- what a plan follows from ----------------------------------------------------- */

static void basis__is_the_same_twice(void)
{
	CHECK(same(basis(), basis()));
}

static void basis__of_other_ids(void)
{
	static const gid_t turned[] = { 5, GID };
	struct cs_conf_stamp now = basis(), other;

	CHECK(cs_plan_kept_basis(UID + 1, GID, groups, 2, &other) == 0 && !same(now, other));
	CHECK(cs_plan_kept_basis(UID, GID + 1, groups, 2, &other) == 0 && !same(now, other));
	CHECK(cs_plan_kept_basis(UID, GID, groups, 1, &other) == 0 && !same(now, other));
	CHECK(cs_plan_kept_basis(UID, GID, turned, 2, &other) == 0 && !same(now, other));
}

static void basis__of_other_files(void)
{
	static const char *const files[] = {
		"etc/container-shell/container-shell.conf", "etc/container-shell/conf.d/10.conf",
		"etc/nsswitch.conf", "libexec/container-shell-planner",
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct cs_conf_stamp before = basis(), there, changed;

		files_write(files[i], "one");
		there = basis();
		files_write(files[i], "three");
		changed = basis();
		CHECK(unlink(files[i]) == 0);
		CHECK(!same(before, there) && !same(there, changed) && !same(before, changed));
	}
}

/* ---- what the host's own files say ------------------------------------------------- */

#define NSSWITCH "passwd: files systemd\n# group: sss\ngroup:\tfiles [SUCCESS=merge] sss\n"
#define PASSWD "root:x:0:0:root:/root:/bin/sh\nalice:x:64021:64022::/home/alice/:/bin/sh\n"
#define GROUP "root:x:0:\nalice:x:64022:\n"

static const struct cs_local_files local = { "nsswitch", "passwd", "group" };

/* With these three, and a configuration that names group root, which NSS knows too. */
static bool decides(const char *nsswitch, const char *passwd, const char *group, const char *conf)
{
	char home[] = "/home/alice";
	struct cs_user user = { .uid = UID, .gid = GID, .name = "alice", .home = home };
	struct cs_conf_problems problems;
	struct cs_conf *read;
	bool result;

	files_write("nsswitch", nsswitch);
	files_write("passwd", passwd);
	files_write("group", group);
	files_write("conf", conf);
	CHECK(cs_conf_load("conf", "conf.d", false, &read, &problems) == 0);
	result = cs_local_decides(&local, &user, read);
	cs_conf_problems_free(&problems);
	cs_conf_free(read);
	return result;
}

#define CONF "[staff]\ngroups = root\n"

static void local__says_it_all(void)
{
	CHECK(decides(NSSWITCH, PASSWD, GROUP, CONF));
	CHECK(decides(NSSWITCH, PASSWD, GROUP, ""));
}

static void local__nsswitch_asks_others_first(void)
{
	CHECK(!decides("passwd: sss files\ngroup: files\n", PASSWD, GROUP, CONF));
	CHECK(!decides("passwd: files\ngroup: sss\n", PASSWD, GROUP, CONF));
	CHECK(!decides("passwd: compat\ngroup: files\n", PASSWD, GROUP, CONF));
	CHECK(!decides("passwd: files\n", PASSWD, GROUP, CONF));
	CHECK(!decides("passwd: files\ngroup: files\npasswd: ldap\n", PASSWD, GROUP, CONF));
	CHECK(!decides("passwd: files\ngroup:\n", PASSWD, GROUP, CONF));
	CHECK(!decides("#passwd: files\ngroup: files\n", PASSWD, GROUP, CONF));
	CHECK(!decides("", PASSWD, GROUP, CONF));
}

static void local__user_is_another_or_of_elsewhere(void)
{
	CHECK(!decides(NSSWITCH, "root:x:0:0:root:/root:/bin/sh\n", GROUP, CONF));
	CHECK(!decides(NSSWITCH, "alicia:x:64021:64022::/home/alice:/bin/sh\n", GROUP, CONF));
	CHECK(!decides(NSSWITCH, "alice:x:64021:64022::/home/other:/bin/sh\n", GROUP, CONF));
	CHECK(!decides(NSSWITCH, "alice:x:64020:64022::/home/alice:/bin/sh\n", GROUP, CONF));
	/* The first with this uid is the one that getpwuid(3) gives. */
	CHECK(!decides(NSSWITCH, "other:x:64021:64022::/:/bin/sh\n" PASSWD, GROUP, CONF));
	CHECK(!decides(NSSWITCH, "", GROUP, CONF));
}

static void local__group_is_another_or_of_elsewhere(void)
{
	CHECK(!decides(NSSWITCH, PASSWD, "alice:x:64022:\n", CONF));
	CHECK(!decides(NSSWITCH, PASSWD, "root:x:1:\n", CONF));
	CHECK(!decides(NSSWITCH, PASSWD, GROUP, "[staff]\ngroups = no-such-group\n"));
	CHECK(!decides(NSSWITCH, PASSWD, GROUP "no-such-group:x:3:\n", "[staff]\ngroups = no-such-group\n"));
}

static void local__files_are_not_there(void)
{
	static const struct cs_local_files none = { "nsswitch", "no-passwd", "group" };
	char home[] = "/home/alice";
	struct cs_user user = { .uid = UID, .gid = GID, .name = "alice", .home = home };
	struct cs_conf_problems problems;
	struct cs_conf *conf;

	CHECK(cs_conf_load("no-conf", "conf.d", false, &conf, &problems) == 0);
	CHECK(!cs_local_decides(&none, &user, conf));
	cs_conf_problems_free(&problems);
	cs_conf_free(conf);
}

/* In a directory of its own, where CS_RUNDIR "run" and the other places are. */
static void enter(void)
{
	static char path[] = "/tmp/plan-kept-test.XXXXXX";

	if (mkdtemp(path) == NULL || chdir(path) < 0 || mkdir("etc", 0755) < 0 ||
	    mkdir("etc/container-shell", 0755) < 0 || mkdir("libexec", 0755) < 0 ||
	    mkdir("etc/container-shell/conf.d", 0755) < 0) {
		printf("Bail out! no directory to work in\n");
		exit(1);
	}
}

static void leave(void)
{
	static const char *const files[] = { "nsswitch", "passwd", "group", "conf", KEPT };
	static const char *const directories[] = { "run-plans", "etc/container-shell/conf.d",
						   "etc/container-shell", "etc", "libexec" };
	cs_autofree char *here = getcwd(NULL, 0);

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		(void)unlink(files[i]);
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
		(void)rmdir(directories[i]);
	if (here == NULL || chdir("/") < 0 || rmdir(here) < 0)
		printf("# something is left of the test\n");
}

static const struct tap_test tests[] = {
	TAP_TEST(kept__comes_back),
	TAP_TEST(kept__another_takes_its_place),
	TAP_TEST(kept__nothing_yet),
	TAP_TEST(kept__of_another_fstab),
	TAP_TEST(kept__of_another_basis),
	TAP_TEST(kept__of_another_user),
	TAP_TEST(kept__cut_short),
	TAP_TEST(kept__not_roots_alone),
	TAP_TEST(kept__while_another_planner_writes),
	TAP_TEST(basis__is_the_same_twice),
	TAP_TEST(basis__of_other_ids),
	TAP_TEST(basis__of_other_files),
	TAP_TEST(local__says_it_all),
	TAP_TEST(local__nsswitch_asks_others_first),
	TAP_TEST(local__user_is_another_or_of_elsewhere),
	TAP_TEST(local__group_is_another_or_of_elsewhere),
	TAP_TEST(local__files_are_not_there),
};

int main(void)
{
	int status;

	enter();
	status = tap_run(tests, TAP_COUNT(tests));
	leave();
	return status;
}
