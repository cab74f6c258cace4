/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conf: the administrator's configuration, read, checked and held.
 *
 * Floor 1. container-shell.conf(5) is the manual. Every problem of every file
 * is collected; none is printed here. conf_scan has the strict line scan that
 * runs before iniparser, conf_keys the table of keys.
 */
#ifndef CS_CONF_H
#define CS_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf_stamp.h"
#include "limit.h"
#include "mount.h"
#include "user.h"

#define CS_CONF_FILE_MAX (256 * 1024)	/* bytes in one file */
#define CS_CONF_FILES_MAX 256		/* main file and drop-ins */
#define CS_CONF_CLASSES_MAX 1024
#define CS_CONF_LIST_MAX 128		/* names in one list value */
#define CS_CONF_MOUNTS_MAX 256		/* that one class asks for */

enum cs_identity { CS_IDENTITY_HOST, CS_IDENTITY_KEEP, CS_IDENTITY_ROOT };
enum cs_root { CS_ROOT_HOST, CS_ROOT_DIRECTORY, CS_ROOT_EROFS, CS_ROOT_SQUASHFS };
enum cs_writable { CS_WRITABLE_NO, CS_WRITABLE_EPHEMERAL, CS_WRITABLE_PERSISTENT };
enum cs_seccomp { CS_SECCOMP_DEFAULT, CS_SECCOMP_NONE, CS_SECCOMP_FILE };
enum cs_network { CS_NETWORK_HOST, CS_NETWORK_NONE, CS_NETWORK_NETNS };
enum cs_home { CS_HOME_HOST, CS_HOME_PRIVATE, CS_HOME_TMPFS, CS_HOME_NONE };
enum cs_scope { CS_SCOPE_USER, CS_SCOPE_SESSION };
enum cs_recycle { CS_RECYCLE_IDLE, CS_RECYCLE_NOW, CS_RECYCLE_NEVER };

#define CS_CONF_FOREVER UINT64_MAX	/* "yes" or "infinity", where a time or a number may be */
#define CS_CONF_MESSAGE_MAX 512		/* bytes of a maintenance message */

/* Where a setting came from: a file and a line, or file NULL for the default. */
struct cs_conf_origin {
	const char *file;	/* owned by the cs_conf */
	unsigned int line;
};

struct cs_conf_network {
	enum cs_network kind;
	char *name;		/* of a netns, with "%u" for the login name; owned, or NULL */
};

struct cs_conf_list {
	char **names;		/* owned by the cs_conf */
	size_t count;
};

enum cs_conf_key {
	CS_KEY_USERS,
	CS_KEY_GROUPS,
	CS_KEY_IDENTITY,
	CS_KEY_ID_RANGE,
	CS_KEY_ALLOW_ROOT,
	CS_KEY_NESTED_NAMESPACES,
	CS_KEY_SECCOMP,
	CS_KEY_ROOT,
	CS_KEY_ROOT_VERITY,
	CS_KEY_WRITABLE,
	CS_KEY_WRITABLE_SIZE,
	CS_KEY_NETWORK,
	CS_KEY_SHELL,
	CS_KEY_HOME,
	CS_KEY_TMP_SIZE,
	CS_KEY_EXPOSE,
	CS_KEY_SHARE,
	CS_KEY_FSTAB,
	CS_KEY_DEVICES,
	CS_KEY_HIDE,
	CS_KEY_SCOPE,
	CS_KEY_LINGER,
	CS_KEY_STOP_TIMEOUT,
	CS_KEY_MAX_SESSIONS,
	CS_KEY_MAX_AGE,
	CS_KEY_IDLE_TIMEOUT,
	CS_KEY_RECYCLE,
	CS_KEY_MAINTENANCE,
	CS_KEY_MAINTENANCE_ALLOW,
	CS_KEY_PASS_ENVIRONMENT,
	CS_KEY_MEMORY_MAX,
	CS_KEY_MEMORY_HIGH,
	CS_KEY_SWAP_MAX,
	CS_KEY_OOM,
	CS_KEY_PIDS_MAX,
	CS_KEY_CPU_WEIGHT,
	CS_KEY_CPU_QUOTA,
	CS_KEY_CPUSET,
	CS_KEY_IO_WEIGHT,
	CS_KEY_NICE,
	CS_KEY_OOM_SCORE_ADJUST,
	CS_KEY_LIMIT_AS,
	CS_KEY_LIMIT_CORE,
	CS_KEY_LIMIT_CPU,
	CS_KEY_LIMIT_DATA,
	CS_KEY_LIMIT_FSIZE,
	CS_KEY_LIMIT_MEMLOCK,
	CS_KEY_LIMIT_MSGQUEUE,
	CS_KEY_LIMIT_NOFILE,
	CS_KEY_LIMIT_NPROC,
	CS_KEY_LIMIT_SIGPENDING,
	CS_KEY_LIMIT_STACK,
	CS_KEY_COUNT,
};

/* A mount that a class asks for: see conf_mounts.h. */
struct cs_conf_mount {
	enum cs_mount_kind kind;
	unsigned int flags;		/* CS_MOUNT_GIVEN among them */
	unsigned int mode;
	uint64_t size;
	char *source;			/* owned; with %u, %h, %U and %% in it; "" but for binds */
	char *target;			/* owned; the same */
	enum cs_conf_key key;		/* that asks for it */
	struct cs_conf_origin where;
};

/* One section. A running container is known by its user and its class. */
struct cs_conf_class {
	char name[33];
	struct cs_conf_origin where;		/* of the [section] line */
	struct cs_conf_list users;
	struct cs_conf_list groups;
	enum cs_identity identity;
	struct cs_subid_range id_range;		/* of the user with uid 0; count 0: none */
	bool allow_root;
	bool nested;				/* sessions may make namespaces */
	char *seccomp;				/* "default", "none", or absolute path of a filter */
	char *root;				/* "host", or absolute path of an image */
	char *root_verity;			/* digest of an image that is a file; "": none */
	enum cs_writable writable;
	uint64_t writable_size;			/* bytes */
	struct cs_conf_network network;
	char *shell;				/* absolute path, inside */
	enum cs_home home;
	uint64_t tmp_size;			/* bytes, each of /tmp, /var and so on */
	struct cs_conf_list expose;		/* SRC or SRC=DEST */
	struct cs_conf_list share;
	struct cs_conf_list devices;		/* names below /dev */
	struct cs_conf_list hide;		/* paths, with words in them */
	char *fstab;				/* absolute path, or "" */
	bool fstab_taken;			/* its lines are among the mounts */
	struct cs_conf_mount *mounts;		/* owned; what these come to */
	size_t mount_count;
	enum cs_scope scope;
	uint64_t linger_ms;			/* 0: none; CS_CONF_FOREVER */
	uint64_t stop_timeout_ms;
	uint64_t max_sessions;			/* CS_CONF_FOREVER: no limit */
	uint64_t max_age_ms;			/* CS_CONF_FOREVER: no limit */
	uint64_t idle_timeout_ms;		/* CS_CONF_FOREVER: no limit */
	enum cs_recycle recycle;
	char *maintenance;			/* "": none */
	struct cs_conf_list maintenance_allow;
	struct cs_conf_list pass_environment;
	struct cs_limit limits[CS_LIMIT_KINDS];	/* by kind */
	char *cpuset;				/* as the kernel says it; "": all */
	struct cs_conf_origin origin[CS_KEY_COUNT];
};

/* A problem: "FILE:LINE: [section] key: what is wrong", ready to be shown. */
struct cs_conf_problems {
	char **lines;		/* owned */
	size_t count;
};

struct cs_conf;

/*
 * Read @main_file and every *.conf in @dropin_dir, in strcmp(3) order. Neither
 * has to exist: the built-in [default] is always there. @trusted: every file
 * and directory must pass lib/base/trust.h (always true outside unit tests).
 * 0, or -EINVAL with at least one problem, or -ENOMEM. @ret_problems is always
 * set and is the caller's to free; *ret_conf only on success.
 */
int cs_conf_load(const char *main_file, const char *dropin_dir, bool trusted,
		 struct cs_conf **ret_conf, struct cs_conf_problems *ret_problems);
void cs_conf_free(struct cs_conf *conf);
void cs_conf_problems_free(struct cs_conf_problems *problems);

/* The stamp taken (before reading) when @conf was loaded. */
struct cs_conf_stamp cs_conf_stamp_of(const struct cs_conf *conf);

enum cs_conf_match { CS_MATCH_DEFAULT, CS_MATCH_GROUP, CS_MATCH_USER };

/*
 * The class of @user: a user match beats a group match beats [default]; within
 * a kind the first section wins. @ret_match and @ret_name (the user or group
 * name that matched, owned by @conf, or NULL) say why. Asks NSS for the groups
 * that the config names, and only when no user matched. NULL when NSS could not
 * say who is in the group *@ret_name: then nobody knows which class is right.
 */
const struct cs_conf_class *cs_conf_class_of(const struct cs_conf *conf,
					     const struct cs_user *user,
					     enum cs_conf_match *ret_match,
					     const char **ret_name);

/*
 * Read the fstab that @class, of @conf, names: not done before, as only one class
 * is needed at a login. The stamp is then made of that file, too, and of the image
 * that the class has as its root. 0, or -EINVAL with problems added, or -ENOMEM.
 */
int cs_conf_read_fstab(struct cs_conf *conf, const struct cs_conf_class *class,
		       struct cs_conf_problems *problems);

/* The one id-range that classes have; count 0 if none has. */
struct cs_subid_range cs_conf_id_range(const struct cs_conf *conf);

/* For listing: class number @index in order of appearance, or NULL past the last. */
const struct cs_conf_class *cs_conf_class_at(const struct cs_conf *conf, size_t index);

#endif
