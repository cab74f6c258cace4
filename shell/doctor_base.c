/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * doctor_base: what the containers themselves stand on: the configuration, who
 * has the shell, the installed programs, the kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#include "doctor.h"
#include "fd.h"
#include "strict.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HELPER CS_LIBEXECDIR "/container-shell-helper"
#define PROBLEMS_MAX 5

/* --- configuration ------------------------------------------------------------------- */

/* A line "FILE:LINE: [section] key: what", cut after the file and its line. */
static void add_conf_problem(struct cs_doctor *doctor, const char *line)
{
	const char *end = strstr(line, ": ");
	size_t length = end ? (size_t)(end - line) : 0;
	bool unseen = !doctor->host->privileged && strstr(line, strerror(EACCES));

	cs_doctor_add(
		doctor, unseen ? CS_DOCTOR_NOTE : CS_DOCTOR_PROBLEM,
		cs_doctor_text("%.*s", (int)length, line),
		cs_doctor_text("%s", end ? end + 2 : line),
		cs_doctor_text("%s", unseen ? "sudo container-shell --doctor"
					    : "container-shell --check-config names them all"));
}

void cs_doctor_configuration(struct cs_doctor *doctor)
{
	const struct cs_conf_problems *problems = &doctor->conf_problems;

	for (size_t i = 0; i < problems->count && i < PROBLEMS_MAX; i++)
		add_conf_problem(doctor, problems->lines[i]);
}

/* --- who has the shell ----------------------------------------------------------------- */

void cs_doctor_class_shell(struct cs_doctor *doctor)
{
	struct cs_doctor_names names = { .count = 0 };
	const struct cs_conf_class *class = NULL;
	cs_autofree char *who = NULL;

	if (cs_doctor_pam_holds(doctor))
		return;
	for (size_t i = 0; i < doctor->users.count; i++) {
		const struct cs_doctor_user *user = &doctor->users.list[i];

		if (user->has_shell || !user->class)
			continue;
		if (names.count == 0)
			class = user->class;
		cs_doctor_names_add(&names, user->name);
	}
	if (names.count == 0)
		return;
	who = cs_doctor_names_text(&names);
	cs_doctor_add(
		doctor, CS_DOCTOR_PROBLEM,
		cs_doctor_text("%s:%u", class->where.file, class->where.line),
		who ? cs_doctor_text("a class names %s, whose login shell is another: nothing "
				     "of theirs is contained",
				     who)
		    : NULL,
		cs_doctor_text("usermod -s " CS_DOCTOR_SHELL " %s", names.list[0]));
}

/* A directory may know users by name and list none: then most checks have nobody to ask for. */
void cs_doctor_nobody(struct cs_doctor *doctor)
{
	for (size_t i = 0; i < doctor->users.count; i++) {
		if (cs_doctor_is_contained(&doctor->users.list[i]))
			return;
	}
	cs_doctor_add(doctor, CS_DOCTOR_NOTE, cs_doctor_text("%s", ""),
		      cs_doctor_text("nobody that getent passwd lists has our shell, and no class "
				     "names anybody: what depends on the user was not looked at"),
		      cs_doctor_text("usermod -s " CS_DOCTOR_SHELL " and the user's name"));
}

void cs_doctor_root_shell(struct cs_doctor *doctor)
{
	for (size_t i = 0; i < doctor->users.count; i++) {
		const struct cs_doctor_user *user = &doctor->users.list[i];

		if (cs_doctor_is_contained(user))
			continue;
		cs_doctor_add(doctor, CS_DOCTOR_NOTE, cs_doctor_text("/etc/passwd"),
			      cs_doctor_text("the uid of %s is 0: root is never contained",
					     user->name),
			      cs_doctor_text("usermod -s /bin/bash %s", user->name));
	}
}

/* --- the programs ------------------------------------------------------------------------ */

static void add_problem(struct cs_doctor *doctor, const char *path, const char *what,
			const char *fix)
{
	cs_doctor_add(doctor, CS_DOCTOR_PROBLEM, cs_doctor_text("%s", path),
		      cs_doctor_text("%s", what), cs_doctor_text("%s %s", fix, path));
}

/* The directories above @path: who can write one of them can put another program there. */
static void judge_directories(struct cs_doctor *doctor, const char *path)
{
	char above[512];
	struct stat info;
	char *slash;

	(void)snprintf(above, sizeof(above), "%s", path);	/* fits: ours */
	while ((slash = strrchr(above, '/')) != NULL && slash != above) {
		*slash = '\0';
		if (cs_doctor_stat(doctor->host, above, &info) < 0)
			continue;
		if (info.st_uid != doctor->host->owner)
			add_problem(doctor, above, "does not belong to root", "chown root:root");
		if (info.st_mode & (S_IWGRP | S_IWOTH))
			add_problem(doctor, above, "can be written by others than root",
				    "chmod go-w");
	}
}

static void judge_mount(struct cs_doctor *doctor, const char *path, bool set_uid)
{
	cs_autoclose int fd = cs_doctor_open(doctor->host, path, O_PATH);
	unsigned long flags = fd < 0 ? 0 : doctor->host->mount_flags(fd);

	if (flags & ST_NOEXEC)
		add_problem(doctor, path, "its file system is mounted noexec: no login works",
			    "mount -o remount,exec what is mounted there: findmnt -T");
	if (set_uid && (flags & ST_NOSUID))
		add_problem(doctor, path, "its file system is mounted nosuid: no login works",
			    "mount -o remount,suid what is mounted there: findmnt -T");
}

/* A program that must be root's; its mode has to be @mode, but for who may read it. */
static void judge_program(struct cs_doctor *doctor, const char *path, mode_t mode)
{
	const bool set_uid = mode & S_ISUID;
	struct stat info;

	if (cs_doctor_stat(doctor->host, path, &info) < 0 || !S_ISREG(info.st_mode)) {
		cs_doctor_add(doctor, CS_DOCTOR_PROBLEM, cs_doctor_text("%s", path),
			      cs_doctor_text("is not there: no login works"),
			      cs_doctor_text("install container-shell again"));
		return;
	}
	if (info.st_uid != doctor->host->owner)
		add_problem(doctor, path, "does not belong to root", "chown root:root");
	if (info.st_mode & (S_IWGRP | S_IWOTH))
		add_problem(doctor, path, "can be written by others than root", "chmod go-w");
	if ((info.st_mode & (S_ISUID | S_ISGID)) != (mode & (S_ISUID | S_ISGID)))
		add_problem(doctor, path, set_uid ? "is not set-uid: no login works"
						  : "is set-uid or set-gid",
			    set_uid ? "chmod 4755" : "chmod 755");
	judge_mount(doctor, path, set_uid);
}

void cs_doctor_helper(struct cs_doctor *doctor)
{
	struct stat info;

	judge_program(doctor, HELPER, 04755);
	judge_directories(doctor, HELPER);
	if (cs_doctor_stat(doctor->host, HELPER, &info) == 0 && info.st_nlink > 1)
		add_problem(doctor, HELPER, "has another name: an upgrade leaves the old program "
			    "set-uid there", "remove the other file that this shows: find / -xdev "
			    "-samefile");
}

void cs_doctor_programs(struct cs_doctor *doctor)
{
	static const char *const programs[] = {
		CS_LIBEXECDIR "/container-shell-planner",
		CS_LIBEXECDIR "/container-shell-init",
		CS_LIBEXECDIR "/container-shell-monitor",
		CS_LIBEXECDIR "/container-shell-admin",
		CS_DOCTOR_SHELL,
	};

	for (size_t i = 0; i < COUNT(programs); i++)
		judge_program(doctor, programs[i], 0755);
	judge_directories(doctor, CS_DOCTOR_SHELL);
}

/* --- the kernel ---------------------------------------------------------------------------- */

void cs_doctor_kernel(struct cs_doctor *doctor)
{
	const char *release = doctor->host->release;
	char *rest;
	unsigned long major = strtoul(release, &rest, 10);
	unsigned long minor = *rest == '.' ? strtoul(rest + 1, NULL, 10) : 0;

	if (major > 5 || (major == 5 && minor >= 14))
		return;
	cs_doctor_add(doctor, CS_DOCTOR_PROBLEM, cs_doctor_text("uname -r"),
		      cs_doctor_text("the kernel is %s: no login works", release),
		      cs_doctor_text("boot Linux 5.14 or newer"));
}

void cs_doctor_calls(struct cs_doctor *doctor)
{
	static const struct {
		const char *name;
		long number;
	} calls[] = {
		{ "openat2", SYS_openat2 }, { "open_tree", SYS_open_tree },
		{ "move_mount", SYS_move_mount }, { "fsopen", SYS_fsopen },
		{ "fsconfig", SYS_fsconfig }, { "fsmount", SYS_fsmount },
		{ "mount_setattr", SYS_mount_setattr }, { "pidfd_open", SYS_pidfd_open },
		{ "clone3", SYS_clone3 }, { "close_range", SYS_close_range },
	};
	struct cs_doctor_names names = { .count = 0 };
	cs_autofree char *which = NULL;

	for (size_t i = 0; i < COUNT(calls); i++) {
		if (doctor->host->lacks_call(calls[i].number))
			cs_doctor_names_add(&names, calls[i].name);
	}
	if (names.count == 0)
		return;
	which = cs_doctor_names_text(&names);
	cs_doctor_add(
		doctor, CS_DOCTOR_PROBLEM, cs_doctor_text("%s", ""),
		which ? cs_doctor_text("the kernel, or a filter around this program, has no %s: "
				       "no login works",
				       which)
		      : NULL,
		cs_doctor_text("boot Linux 5.14 or newer, or let the filter pass them"));
}

/* [default] is what a user gets whom no other class names; with no file it is the built-in one. */
static const struct cs_conf_class *class_of(const struct cs_doctor *doctor,
					    const struct cs_doctor_user *user)
{
	const struct cs_conf_class *class = user->class;

	for (size_t i = 0; class == NULL; i++) {
		class = cs_conf_class_at(doctor->conf, i);
		if (class == NULL)
			return NULL;
		if (strcmp(class->name, "default") != 0)
			class = NULL;
	}
	return class;
}

void cs_doctor_subordinate_ids(struct cs_doctor *doctor)
{
	if (doctor->conf == NULL)
		return;
	EACH_CONTAINED(doctor, user) {
		const struct cs_conf_class *class = class_of(doctor, user);
		char error[256] = "";
		int err;

		if (class == NULL || class->identity == CS_IDENTITY_HOST)
			continue;
		err = doctor->host->find_ids(doctor->host, doctor->conf, class, user->name, error,
					     sizeof(error));
		if (err == 0)
			continue;
		cs_doctor_add(doctor, CS_DOCTOR_PROBLEM, cs_doctor_text("/etc/subuid, /etc/subgid"),
			      cs_doctor_text("%s cannot log in: %s", user->name,
					     err == -EINVAL ? error : strerror(-err)),
			      cs_doctor_text("usermod --add-subuids FIRST-LAST --add-subgids "
					     "FIRST-LAST %s",
					     user->name));
	}
}

void cs_doctor_cgroup(struct cs_doctor *doctor)
{
	if (cs_doctor_exists(doctor->host, "/sys/fs/cgroup/cgroup.controllers") ||
	    cs_doctor_exists(doctor->host, "/sys/fs/cgroup/unified/cgroup.controllers"))
		return;
	cs_doctor_add(doctor, CS_DOCTOR_WARNING, cs_doctor_text("/sys/fs/cgroup"),
		      cs_doctor_text("is no cgroup v2: containers are without a control group of "
				     "their own"),
		      cs_doctor_text("on the kernel's command line: "
				     "systemd.unified_cgroup_hierarchy=1"));
}

void cs_doctor_tiocsti(struct cs_doctor *doctor)
{
	static const char path[] = "/proc/sys/dev/tty/legacy_tiocsti";

	if (cs_doctor_read_number(doctor->host, path) != 1)
		return;	/* not there before Linux 6.2, where it cannot be switched off */
	cs_doctor_add(
		doctor, CS_DOCTOR_WARNING, cs_doctor_text("%s", path),
		cs_doctor_text("a process can type into its terminal; inside, the system call "
			       "filter forbids it"),
		cs_doctor_text("sysctl dev.tty.legacy_tiocsti=0"));
}

void cs_doctor_dumpable(struct cs_doctor *doctor)
{
	static const char path[] = "/proc/sys/fs/suid_dumpable";

	if (cs_doctor_read_number(doctor->host, path) != 1)
		return;
	cs_doctor_add(
		doctor, CS_DOCTOR_WARNING, cs_doctor_text("%s", path),
		cs_doctor_text("set-uid programs can be traced and leave core files that their "
			       "users can read"),
		cs_doctor_text("sysctl fs.suid_dumpable=0"));
}
