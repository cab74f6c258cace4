/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ids-test: what lib/enter/ids.c makes of a root process, asked of the kernel
 * and not of what the functions return. Each change is made in a child. Needs root.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ids.h"
#include "tap.h"

#define UID 64019
#define GID 64018

static const gid_t groups[] = { 64021, 64020, GID };
static const struct cs_ids user = {
	.uid = UID, .gid = GID, .groups = groups, .group_count = TAP_COUNT(groups),
};

#define ROOT_ONLY()                                         \
	do {                                                \
		if (getuid() != 0)                          \
			SKIP("only root can change its ids"); \
	} while (0)

/* CHECK()s in a child, whose process changes for good: true if none failed. */
static bool in_child(void (*body)(void))
{
	int status = -1;
	pid_t pid;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		body();
		(void)fflush(stdout);
		_exit(tap_failed ? 1 : 0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* The hexadecimal field @name of /proc/self/status. */
static uint64_t status_field(const char *name)
{
	FILE *file = fopen("/proc/self/status", "re");
	uint64_t value = ~UINT64_C(0);
	char line[256];

	if (file == NULL)
		return value;
	while (fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':')
			value = strtoull(line + strlen(name) + 1, NULL, 16);
	(void)fclose(file);
	return value;
}

static bool ids_are(uid_t uid, gid_t gid)
{
	uid_t uids[3];
	gid_t gids[3];

	return getresuid(&uids[0], &uids[1], &uids[2]) == 0 && uids[0] == uid && uids[1] == uid &&
	       uids[2] == uid && getresgid(&gids[0], &gids[1], &gids[2]) == 0 && gids[0] == gid &&
	       gids[1] == gid && gids[2] == gid;
}

static bool groups_are_the_users(void)
{
	gid_t held[8];
	int count = getgroups(TAP_COUNT(held), held);

	/* The kernel sorts them. */
	return count == 3 && held[0] == GID && held[1] == 64020 && held[2] == 64021;
}

static void root_cannot_be_had_again(void)
{
	CHECK(setuid(0) < 0 && seteuid(0) < 0 && setreuid(0, 0) < 0 && setresuid(0, 0, 0) < 0);
	CHECK(setgid(0) < 0 && setegid(0) < 0 && setresgid(0, 0, 0) < 0);
	CHECK(setgroups(0, NULL) < 0);
	CHECK(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SETUID, 0, 0) < 0);
	CHECK(ids_are(UID, GID));
}

/* Raise all that the kernel lets us, so that there is something to be cleared. */
static void fill_sets(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	CHECK(syscall(SYS_capget, &header, data) == 0);
	for (size_t i = 0; i < 2; i++)
		data[i].inheritable = data[i].permitted;
	CHECK(syscall(SYS_capset, &header, data) == 0);
	CHECK(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0) == 0);
	CHECK(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0);
	CHECK(status_field("CapInh") != 0 && status_field("CapAmb") != 0);
}

static void become_all(void)
{
	fill_sets();
	CHECK(cs_ids_become(&user) == 0);
	CHECK(ids_are(UID, GID));
	CHECK(groups_are_the_users());
	CHECK(status_field("CapInh") == 0);
	CHECK(status_field("CapPrm") == 0);
	CHECK(status_field("CapEff") == 0);
	CHECK(status_field("CapBnd") == 0);
	CHECK(status_field("CapAmb") == 0);
	CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	root_cannot_be_had_again();
}

static void become__leaves_no_way_back(void)
{
	ROOT_ONLY();
	CHECK(in_child(become_all));
}

/* As after the exec of a set-uid program: the real uid is the user's already. */
static void become_from_set_uid(void)
{
	CHECK(setresuid(UID, 0, 0) == 0);
	CHECK(cs_ids_be_root() == 0);
	CHECK(ids_are(0, 0));
	CHECK(getgroups(0, NULL) == 0);
	CHECK(cs_ids_become(&user) == 0);
	CHECK(ids_are(UID, GID));
	root_cannot_be_had_again();
}

static void become__from_a_set_uid_program(void)
{
	ROOT_ONLY();
	CHECK(in_child(become_from_set_uid));
}

/* ---- in a user namespace ---- */

#define INSIDE_MAP "0 700000 1000\n64018 64018 2\n"

static void write_map(pid_t pid, const char *name)
{
	char path[48];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	CHECK(fd >= 0 && write(fd, INSIDE_MAP, strlen(INSIDE_MAP)) == (ssize_t)strlen(INSIDE_MAP));
	(void)close(fd);
}

/* As a session enters: the host's root, in the namespace of another process. */
static bool enter_userns(void)
{
	int ends[2], fd;
	char path[48], byte;
	pid_t pid;

	CHECK(pipe2(ends, O_CLOEXEC) == 0);
	pid = fork();
	if (pid == 0) {
		(void)close(ends[1]);
		if (unshare(CLONE_NEWUSER) < 0)
			_exit(1);
		_exit(read(ends[0], &byte, 1) != 0);
	}
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	/* It is there when its namespace is another than ours. */
	for (int i = 0; i < 1000; i++) {
		struct stat ours, theirs;

		if (stat("/proc/self/ns/user", &ours) == 0 && stat(path, &theirs) == 0 &&
		    ours.st_ino != theirs.st_ino)
			break;
		(void)usleep(1000);
	}
	write_map(pid, "uid_map");
	write_map(pid, "gid_map");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (cs_ids_take_groups(&user) < 0 || setns(fd, CLONE_NEWUSER) < 0)
		return false;
	(void)close(ends[1]);
	return waitpid(pid, NULL, 0) == pid;
}

static void become_inside_plain(void)
{
	CHECK(enter_userns());
	CHECK(status_field("CapEff") != 0 && status_field("CapBnd") != 0);
	CHECK(cs_ids_become_inside(UID, GID, false) == 0);
	CHECK(ids_are(UID, GID));
	CHECK(getgroups(0, NULL) == 3);
	CHECK(status_field("CapInh") == 0 && status_field("CapPrm") == 0 &&
	      status_field("CapEff") == 0 && status_field("CapBnd") == 0 &&
	      status_field("CapAmb") == 0);
	CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	CHECK(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
	root_cannot_be_had_again();
}

static void become_inside_allow_root(void)
{
	CHECK(enter_userns());
	CHECK(cs_ids_become_inside(UID, GID, true) == 0);
	CHECK(ids_are(UID, GID));
	CHECK(status_field("CapInh") == 0 && status_field("CapPrm") == 0 &&
	      status_field("CapEff") == 0 && status_field("CapAmb") == 0);
	CHECK(status_field("CapBnd") != 0);
	CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0);
	root_cannot_be_had_again();
}

static void become_inside_nobody(void)
{
	CHECK(enter_userns());
	CHECK(cs_ids_become_inside(5, 64020, false) < 0);	/* no such group inside */
}

static void become_inside__leaves_no_capability(void)
{
	ROOT_ONLY();
	CHECK(in_child(become_inside_plain));
}

static void become_inside__with_allow_root(void)
{
	ROOT_ONLY();
	CHECK(in_child(become_inside_allow_root));
}

static void become_inside__of_an_id_that_is_not_there(void)
{
	ROOT_ONLY();
	CHECK(in_child(become_inside_nobody));
}

/* Files are the other's, and every capability is still there. */
static void make_files(void)
{
	char path[] = "/tmp/ids-test.XXXXXX";
	uint64_t before = status_field("CapEff");
	struct stat info;
	int fd;

	CHECK(cs_ids_make_as(UID, GID) == 0);
	CHECK(status_field("CapEff") == before && ids_are(0, 0));
	fd = mkstemp(path);
	CHECK(fd >= 0 && fstat(fd, &info) == 0 && info.st_uid == UID && info.st_gid == GID);
	(void)close(fd);
	(void)unlink(path);
	CHECK(cs_ids_make_as(0, 0) == 0);
	CHECK(status_field("CapEff") == before);
}

static void make_as__keeps_all_but_the_owner(void)
{
	ROOT_ONLY();
	CHECK(in_child(make_files));
}

static void become_without_groups(void)
{
	const struct cs_ids lonely = { .uid = UID, .gid = GID };

	CHECK(setgroups(1, (const gid_t[]){ 0 }) == 0);
	CHECK(cs_ids_become(&lonely) == 0);
	CHECK(getgroups(0, NULL) == 0);
	root_cannot_be_had_again();
}

static void become__without_groups(void)
{
	ROOT_ONLY();
	CHECK(in_child(become_without_groups));
}

static void become_nobodys_ids(void)
{
	const struct cs_ids root = { .uid = 0, .gid = GID };
	const struct cs_ids no_uid = { .uid = (uid_t)-1, .gid = GID };
	const struct cs_ids no_gid = { .uid = UID, .gid = (gid_t)-1 };

	/* -1 means "leave as it is" to setresuid(2): the process would stay root. */
	CHECK(cs_ids_become(&root) == -EINVAL);
	CHECK(cs_ids_become(&no_uid) == -EINVAL);
	CHECK(cs_ids_become(&no_gid) == -EINVAL);
	CHECK(cs_ids_drop(&root) == -EINVAL);
	CHECK(cs_ids_drop(&no_uid) == -EINVAL);
	CHECK(cs_ids_drop(&no_gid) == -EINVAL);
}

static void become__refuses_root_and_no_id(void)
{
	ROOT_ONLY();
	CHECK(in_child(become_nobodys_ids));
}

static void become_as_user(void)
{
	CHECK(setresgid(GID, GID, GID) == 0 && setresuid(UID, UID, UID) == 0);
	CHECK(cs_ids_become(&user) < 0);
	CHECK(cs_ids_drop(&user) < 0);
	CHECK(cs_ids_be_root() < 0);
	CHECK(cs_ids_regain_root() < 0);
	CHECK(cs_ids_keep_only(0) < 0);
}

static void become__fails_without_privilege(void)
{
	ROOT_ONLY();
	CHECK(in_child(become_as_user));
}

static void drop_all(void)
{
	fill_sets();
	CHECK(cs_ids_drop(&user) == 0);
	CHECK(ids_are(UID, GID));
	CHECK(groups_are_the_users());
	CHECK(status_field("CapInh") == 0);
	CHECK(status_field("CapPrm") == 0);
	CHECK(status_field("CapEff") == 0);
	CHECK(status_field("CapAmb") == 0);
	CHECK(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
	/* The waiting process still has to run the set-uid helper at the end. */
	CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0);
	root_cannot_be_had_again();
}

static void drop__leaves_no_way_back(void)
{
	ROOT_ONLY();
	CHECK(in_child(drop_all));
}

static void assume_and_regain(void)
{
	uid_t uids[3];

	CHECK(cs_ids_assume(&user) == 0);
	CHECK(getresuid(&uids[0], &uids[1], &uids[2]) == 0);
	CHECK(uids[0] == 0 && uids[1] == UID && uids[2] == 0);
	CHECK(getegid() == GID && groups_are_the_users());
	CHECK(access("/root", F_OK) == 0);	/* access(2) asks the real uid… */
	CHECK(faccessat(AT_FDCWD, "/etc/shadow", R_OK, AT_EACCESS) < 0);	/* … this the effective */
	CHECK(status_field("CapEff") == 0);
	CHECK(cs_ids_regain_root() == 0);
	CHECK(ids_are(0, 0) && getgroups(0, NULL) == 0);
	CHECK(faccessat(AT_FDCWD, "/etc/shadow", R_OK, AT_EACCESS) == 0);
}

static void assume__is_for_files_and_can_be_undone(void)
{
	ROOT_ONLY();
	CHECK(in_child(assume_and_regain));
}

static void keep_kill(void)
{
	const uint64_t kill_only = CS_IDS_CAP(CAP_KILL);

	fill_sets();
	CHECK(cs_ids_keep_only(kill_only) == 0);
	CHECK(ids_are(0, 0));
	CHECK(status_field("CapPrm") == kill_only && status_field("CapEff") == kill_only);
	CHECK(status_field("CapBnd") == kill_only);
	CHECK(status_field("CapInh") == 0 && status_field("CapAmb") == 0);
	CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	CHECK(setresuid(UID, UID, UID) < 0);	/* not even down */
}

static void keep_only__keeps_what_is_named(void)
{
	ROOT_ONLY();
	CHECK(in_child(keep_kill));
}

static void keep_none(void)
{
	fill_sets();
	CHECK(cs_ids_keep_only(0) == 0);
	CHECK(ids_are(0, 0));
	CHECK(status_field("CapPrm") == 0 && status_field("CapEff") == 0);
	CHECK(status_field("CapBnd") == 0);
	CHECK(status_field("CapInh") == 0 && status_field("CapAmb") == 0);
}

static void keep_only__nothing(void)
{
	ROOT_ONLY();
	CHECK(in_child(keep_none));
}

static const struct tap_test tests[] = {
	TAP_TEST(become__leaves_no_way_back),
	TAP_TEST(become__from_a_set_uid_program),
	TAP_TEST(become_inside__leaves_no_capability),
	TAP_TEST(become_inside__with_allow_root),
	TAP_TEST(become_inside__of_an_id_that_is_not_there),
	TAP_TEST(make_as__keeps_all_but_the_owner),
	TAP_TEST(become__without_groups),
	TAP_TEST(become__refuses_root_and_no_id),
	TAP_TEST(become__fails_without_privilege),
	TAP_TEST(drop__leaves_no_way_back),
	TAP_TEST(assume__is_for_files_and_can_be_undone),
	TAP_TEST(keep_only__keeps_what_is_named),
	TAP_TEST(keep_only__nothing),
};

int main(void)
{
	return tap_run(tests, TAP_COUNT(tests));
}
