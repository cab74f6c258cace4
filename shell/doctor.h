/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * doctor: every way past the containers that can be seen on this host.
 *
 * Runs as the caller, with no privilege, on the host. It only looks: nothing is
 * changed, every file is read below one directory, and what other programs print
 * or users wrote is data, escaped before it is shown.
 *
 *	doctor.c	the option: this host, the deadline, the exit status
 *	doctor_run.c	the table of checks, and the loop
 *	doctor_print.c	findings as text and as JSON
 *	doctor_facts.c	what several checks ask for: files, users
 *	doctor_pam.c	the lines of the PAM module
 *	doctor_sshd.c	what sshd is set to
 *	doctor_jobs.c	cron and at
 *	doctor_doors.c	all others that start processes for users
 *	doctor_base.c	what the containers themselves stand on
 */
#ifndef CS_DOCTOR_H
#define CS_DOCTOR_H

#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "conf.h"

#define CS_DOCTOR_SHELL CS_BINDIR "/container-shell"
#define CS_DOCTOR_NAMES_MAX 20		/* names in one line; then "and N more" */
#define CS_DOCTOR_FILE_MAX (1024 * 1024)
#define CS_DOCTOR_ASKED_MAX 32		/* users that sshd is asked about */

#define CS_DOCTOR_FOUND_WARNING 1	/* exit status: warnings only */
#define CS_DOCTOR_FOUND_PROBLEM 2	/* exit status: a problem, or not all could be looked at */

enum cs_doctor_level { CS_DOCTOR_NOTE, CS_DOCTOR_WARNING, CS_DOCTOR_PROBLEM };

struct cs_doctor_finding {
	const char *id;			/* of the check */
	enum cs_doctor_level level;
	char *where;			/* FILE:LINE, FILE, or ""; owned, like the next two */
	char *what;
	char *fix;			/* "": there is none */
};

/* The host that is looked at. Tests make their own, of a small tree. */
struct cs_doctor_host {
	int root;			/* a descriptor of its "/" */
	uid_t owner;			/* to whom the system's files belong: root */
	bool privileged;		/* we may read what only root may */
	bool trusted;			/* cs_conf_load() checks owners and modes */
	const char *main_file, *dropin_dir;
	const char *release;		/* uname -r */
	bool (*lacks_call)(long number);
	unsigned long (*mount_flags)(int fd);	/* f_flag of statvfs(3) */
	/*
	 * Call @visit for each user of the passwd database, until it is not 0, and
	 * return that. 0 at the end.
	 */
	int (*each_user)(const struct cs_doctor_host *host,
			 int (*visit)(const struct passwd *entry, void *data), void *data);
	/* The same for the one user of this name, who may be one that is not listed. */
	int (*user_named)(const struct cs_doctor_host *host, const char *name,
			  int (*visit)(const struct passwd *entry, void *data), void *data);
	/*
	 * Can @name have a container of @identity, keep or root, with the ids that there
	 * are? 0; -EINVAL with why not in @ret_error; or -errno.
	 */
	int (*find_ids)(const struct cs_doctor_host *host, const struct cs_conf *conf,
			const struct cs_conf_class *class, const char *name, char *ret_error,
			size_t error_size);
	/*
	 * What "sshd -T" prints for @user, or for nobody in particular (NULL). 0;
	 * -ENOENT: there is no sshd; or -errno, with what it said or NULL.
	 * *ret_text is the caller's to free.
	 */
	int (*ask_sshd)(const struct cs_doctor_host *host, const char *user, char **ret_text);
};

/* A user with our shell, or named by a class. */
struct cs_doctor_user {
	char *name;				/* owned */
	uid_t uid;
	bool has_shell;				/* ours */
	const struct cs_conf_class *class;	/* other than default, or NULL */
};

struct cs_doctor_users {
	struct cs_doctor_user *list;
	size_t count;
	size_t room;
};

/* What PAM does for a service. */
struct cs_doctor_pam {
	char auth[160], session[160];	/* FILE:LINE of the module's line, or "" */
	char too_late[160];		/* FILE:LINE of pam_systemd's line after ours, or "" */
	char weak[160]; /* FILE:LINE of a line of ours that lets failures pass, or "" */
	/* FILE:LINE of a line before ours that may end the group or jump over ours, or "" */
	char ends_auth[160], ends_session[160];
	char user_env[160];		/* FILE:LINE of pam_env with user_readenv=1, or "" */
};

/* sshd's settings for one user. */
struct cs_doctor_answer {
	const char *user;		/* NULL: for all */
	char *text;			/* owned; lines of "keyword value" */
};

struct cs_doctor_sshd {
	struct cs_doctor_answer list[CS_DOCTOR_ASKED_MAX];
	size_t count;
	size_t left_out;		/* users that it was not asked about */
	int err;			/* why there is no answer; 0 if there is */
	char *said;			/* owned; by sshd, then, or NULL */
};

struct cs_doctor {
	const struct cs_doctor_host *host;
	struct cs_conf *conf;			/* NULL when it is not valid */
	struct cs_conf_problems conf_problems;
	struct cs_doctor_users users;
	struct cs_doctor_pam pam;		/* of sshd */
	struct cs_doctor_pam cron_pam;		/* of Debian's cron */
	struct cs_doctor_sshd sshd;
	const char *id;				/* of the check that runs */
	struct cs_doctor_finding *findings;
	size_t count, room;
	bool failed;				/* no memory: the findings are not all */
};

/* Make every check on @host. @ret_doctor is the caller's to free in any case. */
void cs_doctor_run(const struct cs_doctor_host *host, struct cs_doctor *ret_doctor);
void cs_doctor_free(struct cs_doctor *doctor);
/* The exit status that the findings call for. */
int cs_doctor_status(const struct cs_doctor *doctor);
/* For the manual's test: the id of check @index, or NULL past the last. */
const char *cs_doctor_id_at(size_t index);

void cs_doctor_print_text(const struct cs_doctor *doctor, FILE *out);
void cs_doctor_print_json(const struct cs_doctor *doctor, FILE *out);

/* --- for the checks ------------------------------------------------------------ */

/* The text of a finding, or NULL without memory. */
char *cs_doctor_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Add a finding of the check that runs. The texts are taken over; NULL sets ->failed. */
void cs_doctor_add(struct cs_doctor *doctor, enum cs_doctor_level level, char *where, char *what,
		   char *fix);

/* Add a note that @what, a place, was not looked at without root. */
void cs_doctor_add_unseen(struct cs_doctor *doctor, const char *what);

/* "alice, bob and 3 more" grows here. The names stay the caller's. */
struct cs_doctor_names {
	const char *list[CS_DOCTOR_NAMES_MAX];
	size_t count;
};

void cs_doctor_names_add(struct cs_doctor_names *names, const char *name);
char *cs_doctor_names_text(const struct cs_doctor_names *names);

/* Files of the host, by absolute path; links are followed within its root. */
int cs_doctor_open(const struct cs_doctor_host *host, const char *path, int flags);
bool cs_doctor_exists(const struct cs_doctor_host *host, const char *path);
int cs_doctor_stat(const struct cs_doctor_host *host, const char *path, struct stat *ret_info);
/* A regular file's text, which the caller frees. 0 or -errno. Never blocks. */
int cs_doctor_read(const struct cs_doctor_host *host, const char *path, char **ret_text);
/* The number that a file of /proc/sys holds, or -1. */
long cs_doctor_read_number(const struct cs_doctor_host *host, const char *path);

/* Lines of a text that is cut up on the way, without the blanks around them. */
struct cs_doctor_lines {
	char *rest;
	unsigned int number;
};

char *cs_doctor_line(struct cs_doctor_lines *lines);

/*
 * Is @word a line of the file? 1 with its number in @ret_number, 0, or -errno
 * of the file.
 */
int cs_doctor_find_line(const struct cs_doctor_host *host, const char *path, const char *word,
			unsigned int *ret_number);

/* The names in a directory that @pattern of fnmatch(3) matches, sorted. 0 or -errno. */
struct cs_doctor_entries {
	char **names;		/* owned */
	size_t count;
};

int cs_doctor_list(const struct cs_doctor_host *host, const char *directory, const char *pattern,
		   struct cs_doctor_entries *ret_entries);
void cs_doctor_entries_free(struct cs_doctor_entries *entries);

/* Is a login shell ours, by its name or by its file? */
bool cs_doctor_is_shell(const struct cs_doctor_host *host, const char *path);
/* Collect the users into @doctor. */
void cs_doctor_find_users(struct cs_doctor *doctor);
/* Whether nothing that this user starts may run outside. */
bool cs_doctor_is_contained(const struct cs_doctor_user *user);
/* The contained user of this uid, or NULL. */
const struct cs_doctor_user *cs_doctor_find_user(const struct cs_doctor *doctor, uid_t uid);

/* For each contained @user of @doctor. */
#define EACH_CONTAINED(doctor, user)                                                       \
	for (const struct cs_doctor_user *(user) = (doctor)->users.list;                       \
	     (user) != NULL && (user) < (doctor)->users.list + (doctor)->users.count; (user)++) \
		if (cs_doctor_is_contained(user))

/* Does the PAM module hold the logins through sshd? */
bool cs_doctor_pam_holds(const struct cs_doctor *doctor);
/* And the jobs of cron? */
bool cs_doctor_cron_pam_holds(const struct cs_doctor *doctor);
void cs_doctor_read_pam(const struct cs_doctor_host *host, const char *service,
			struct cs_doctor_pam *ret_pam);
void cs_doctor_ask_sshd(struct cs_doctor *doctor);

/* Is sshd known to do without PAM? */
bool cs_doctor_sshd_without_pam(const struct cs_doctor *doctor);

typedef void cs_doctor_check_fn(struct cs_doctor *doctor);

cs_doctor_check_fn cs_doctor_pam, cs_doctor_pam_env, cs_doctor_sshd_use_pam;
cs_doctor_check_fn cs_doctor_sshd_answer, cs_doctor_sshd_sftp, cs_doctor_sshd_forced,
	cs_doctor_sshd_keys, cs_doctor_sshd_stream, cs_doctor_sshd_tcp, cs_doctor_sshd_gateway,
	cs_doctor_sshd_tunnel, cs_doctor_sshd_environment, cs_doctor_sshd_accept_env,
	cs_doctor_sshd_chroot, cs_doctor_sshd_rc;
cs_doctor_check_fn cs_doctor_shells, cs_doctor_cron_pam, cs_doctor_cron_allow,
	cs_doctor_cron_spool,
	cs_doctor_at_allow, cs_doctor_at_spool, cs_doctor_user_manager, cs_doctor_linger,
	cs_doctor_mail, cs_doctor_ftp, cs_doctor_display, cs_doctor_processes;
cs_doctor_check_fn cs_doctor_nobody, cs_doctor_configuration, cs_doctor_class_shell,
	cs_doctor_root_shell, cs_doctor_subordinate_ids, cs_doctor_helper, cs_doctor_programs, cs_doctor_kernel,
	cs_doctor_calls, cs_doctor_cgroup, cs_doctor_tiocsti, cs_doctor_dumpable;

#endif
