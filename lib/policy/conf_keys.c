/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conf_keys: the one table of keys, and the converters its rows name.
 *
 * Floor 1. Runs as root in the planner and as anyone in --check-config. Must
 * not look at the system: that a shell or a user exists is not for it to say.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf_keys.h"
#include "conf_limits.h"
#include "strict.h"

#ifndef CS_DEFAULT_SHELL
#define CS_DEFAULT_SHELL "/bin/bash"
#endif

#define BLANKS " \t"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const identity_words[] = {
	[CS_IDENTITY_HOST] = "host", [CS_IDENTITY_KEEP] = "keep", [CS_IDENTITY_ROOT] = "root", NULL
};
static const char *const writable_words[] = {
	[CS_WRITABLE_NO] = "no", [CS_WRITABLE_EPHEMERAL] = "ephemeral",
	[CS_WRITABLE_PERSISTENT] = "persistent", NULL
};
static const char *const home_words[] = {
	[CS_HOME_HOST] = "host", [CS_HOME_PRIVATE] = "private", [CS_HOME_TMPFS] = "tmpfs",
	[CS_HOME_NONE] = "none", NULL
};
static const char *const scope_words[] = {
	[CS_SCOPE_USER] = "user", [CS_SCOPE_SESSION] = "session", NULL
};
static const char *const recycle_words[] = {
	[CS_RECYCLE_IDLE] = "idle", [CS_RECYCLE_NOW] = "now", [CS_RECYCLE_NEVER] = "never", NULL
};
static const char *const cpu_weight_words[] = { "idle", NULL };
static const char *const oom_words[] = { "kill-process", "kill-container", NULL };

static void free_list(struct cs_conf_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->names[i]);
	free(list->names);
	memset(list, 0, sizeof(*list));
}

static int convert_word(const struct cs_conf_row *row, const char *text, void *member)
{
	for (unsigned int i = 0; row->words[i]; i++) {
		if (strcmp(row->words[i], text) == 0) {
			memcpy(member, &i, sizeof(i));
			return 0;
		}
	}
	return -EINVAL;
}
_Static_assert(sizeof(enum cs_identity) == sizeof(unsigned int) &&
	       sizeof(enum cs_writable) == sizeof(unsigned int) &&
	       sizeof(enum cs_home) == sizeof(unsigned int) &&
	       sizeof(enum cs_scope) == sizeof(unsigned int) &&
	       sizeof(enum cs_recycle) == sizeof(unsigned int),
	       "convert_word writes an unsigned int");

static int convert_bool(const struct cs_conf_row *row, const char *text, void *member)
{
	(void)row;	/* has nothing to say about it */
	return cs_strict_bool(text, member);
}

/* BASE+COUNT: "the user of uid U has COUNT ids from BASE + U * COUNT". "": none. */
static int convert_id_range(const struct cs_conf_row *row, const char *text, void *member)
{
	struct cs_subid_range range = { 0 };
	const char *plus = strchr(text, '+');
	uint64_t base = 0, count = 0;
	char digits[16];

	if (text[0] != '\0') {
		if (!plus || (size_t)(plus - text) >= sizeof(digits))
			return -EINVAL;
		memcpy(digits, text, (size_t)(plus - text));
		digits[plus - text] = '\0';
		if (cs_strict_u64(digits, UINT32_MAX - 1, &base) < 0 ||
		    cs_strict_u64(plus + 1, row->max, &count) < 0 || base < CS_SUBID_FIRST ||
		    count < row->min)
			return -EINVAL;
		range = (struct cs_subid_range){ (uint32_t)base, (uint32_t)count };
	}
	memcpy(member, &range, sizeof(range));
	return 0;
}

/* The name with each "%u" replaced by a letter is a name: what comes of it is looked at anew. */
static bool is_netns_pattern(const char *text)
{
	char name[256];
	size_t used = 0;

	for (; *text && used < sizeof(name) - 1; text++) {
		name[used++] = *text == '%' ? 'u' : *text;
		if (*text == '%' && *++text != 'u')
			return false;
	}
	name[used] = '\0';
	return *text == '\0' && cs_strict_is_netns_name(name);
}

/* A word, and with "netns:" a name behind it. */
static int convert_network(const struct cs_conf_row *row, const char *text, void *member)
{
	static const char netns[] = "netns:";
	struct cs_conf_network network = { .kind = CS_NETWORK_HOST }, *old = member;

	(void)row;	/* has nothing to say about networks */
	if (strcmp(text, "none") == 0) {
		network.kind = CS_NETWORK_NONE;
	} else if (strncmp(text, netns, strlen(netns)) == 0 &&
		   is_netns_pattern(text + strlen(netns))) {
		network.kind = CS_NETWORK_NETNS;
		network.name = strdup(text + strlen(netns));
		if (!network.name)
			return -ENOMEM;
	} else if (strcmp(text, "host") != 0) {
		return -EINVAL;
	}
	free(old->name);
	*old = network;
	return 0;
}

static int convert_path(const struct cs_conf_row *row, const char *text, void *member)
{
	char **path = member;
	char *copy;

	(void)row;	/* has nothing to say about paths */
	if (!cs_strict_is_path(text) || text[1] == '\0')
		return -EINVAL;
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	free(*path);
	*path = copy;
	return 0;
}

/* "host", or a path. */
static int convert_root(const struct cs_conf_row *row, const char *text, void *member)
{
	char **root = member;
	char *copy;

	if (strcmp(text, CS_CONF_HOST) != 0)
		return convert_path(row, text, member);
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	free(*root);
	*root = copy;
	return 0;
}

/* "default", "none", or a path. */
static int convert_seccomp(const struct cs_conf_row *row, const char *text, void *member)
{
	char **seccomp = member;
	char *copy;

	if (cs_conf_keys_seccomp(text) == CS_SECCOMP_FILE)
		return convert_path(row, text, member);
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	free(*seccomp);
	*seccomp = copy;
	return 0;
}

/* A path, or by default none: a value in a file is never empty. */
static int convert_optional_path(const struct cs_conf_row *row, const char *text, void *member)
{
	char **path = member;
	char *copy;

	if (text[0] != '\0')
		return convert_path(row, text, member);
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	free(*path);
	*path = copy;
	return 0;
}

/* A digest, or by default none. */
static int convert_verity(const struct cs_conf_row *row, const char *text, void *member)
{
	char **digest = member;
	char *copy;

	(void)row;	/* has nothing to say about it */
	if (text[0] != '\0' && !cs_strict_is_verity(text))
		return -EINVAL;
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	free(*digest);
	*digest = copy;
	return 0;
}

static int store_number(const struct cs_conf_row *row, int err, uint64_t number, void *member)
{
	if (err < 0 || number < row->min || number > row->max)
		return -EINVAL;
	memcpy(member, &number, sizeof(number));
	return 0;
}

static int convert_size(const struct cs_conf_row *row, const char *text, void *member)
{
	uint64_t bytes = 0;
	int err = cs_strict_size(text, &bytes);

	return store_number(row, err, bytes, member);
}

static int convert_time(const struct cs_conf_row *row, const char *text, void *member)
{
	uint64_t ms = 0;
	int err = cs_strict_time(text, &ms);

	return store_number(row, err, ms, member);
}

/* A time, or "infinity", systemd.time(7). */
static int convert_limit_time(const struct cs_conf_row *row, const char *text, void *member)
{
	static const uint64_t forever = CS_CONF_FOREVER;

	if (strcmp(text, "infinity") != 0)
		return convert_time(row, text, member);
	memcpy(member, &forever, sizeof(forever));
	return 0;
}

/* no, yes, or how long. */
static int convert_linger(const struct cs_conf_row *row, const char *text, void *member)
{
	bool value;
	uint64_t ms;

	/* "0" and "1" are times here, as in stop-timeout */
	if (text[0] >= '0' && text[0] <= '9')
		return convert_time(row, text, member);
	if (cs_strict_bool(text, &value) < 0)
		return -EINVAL;
	ms = value ? CS_CONF_FOREVER : 0;
	memcpy(member, &ms, sizeof(ms));
	return 0;
}

/* A number, or "infinity". */
static int convert_count(const struct cs_conf_row *row, const char *text, void *member)
{
	static const uint64_t forever = CS_CONF_FOREVER;
	uint64_t number = 0;
	int err;

	if (strcmp(text, "infinity") != 0) {
		err = cs_strict_u64(text, row->max, &number);
		return store_number(row, err, number, member);
	}
	memcpy(member, &forever, sizeof(forever));
	return 0;
}

/* Text for a terminal. The scan has let no byte but printable ASCII and tabs through. */
static int convert_message(const struct cs_conf_row *row, const char *text, void *member)
{
	char **message = member;
	char *copy;

	(void)row;	/* has nothing to say about messages */
	if (strlen(text) >= CS_CONF_MESSAGE_MAX)
		return -EINVAL;
	if (strchr(text, '\t'))
		return -EINVAL;
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	free(*message);
	*message = copy;
	return 0;
}

static bool is_maintenance_service(const char *name)
{
	return strcmp(name, "sftp") == 0;
}

/* What has a reason of its own for each name that is wrong: see conf_mounts.c. */
static bool is_any(const char *name)
{
	(void)name;
	return true;
}

/* Append the @length bytes at @text to @list, whose array has room for them. */
static int add_name(const struct cs_conf_row *row, const char *text, size_t length,
		    struct cs_conf_list *list)
{
	char *name;

	if (list->count == CS_CONF_LIST_MAX)
		return -EINVAL;
	name = strndup(text, length);
	if (!name)
		return -ENOMEM;
	list->names[list->count++] = name;
	return row->accepts(name) ? 0 : -EINVAL;
}

static int convert_names(const struct cs_conf_row *row, const char *text, void *member)
{
	struct cs_conf_list list = { 0 }, *old = member;
	int err = 0;

	list.names = calloc(CS_CONF_LIST_MAX, sizeof(*list.names));
	if (!list.names)
		return -ENOMEM;
	text += strspn(text, BLANKS);
	while (err == 0 && *text) {
		size_t length = strcspn(text, BLANKS);

		err = add_name(row, text, length, &list);
		text += length;
		text += strspn(text, BLANKS);
	}
	if (err < 0) {
		free_list(&list);
		return err;
	}
	free_list(old);
	*old = list;
	return 0;
}

/* SECURITY: what the dynamic linker obeys, and what says who the user is, is not passed on. */
static bool is_passable(const char *name)
{
	static const char *const ours[] = {
		"HOME", "USER", "LOGNAME", "SHELL", "PATH", "XDG_RUNTIME_DIR",
		"SSH_AUTH_SOCK", "SSH_AGENT_PID",
	};

	for (size_t i = 0; i < COUNT(ours); i++) {
		if (strcmp(name, ours[i]) == 0)
			return false;
	}
	return cs_strict_is_env_name(name) && strncmp(name, "LD_", 3) != 0;
}

#define ROW(member_name, key_number) \
	.key = key_number, .offset = offsetof(struct cs_conf_class, member_name)
#define LIMIT_ROW(kind, key_number) ROW(limits[kind], key_number), .limit = kind

static const struct cs_conf_row rows[] = {
	[CS_KEY_USERS] = {
		.name = "users", ROW(users, CS_KEY_USERS),
		.convert = convert_names, .accepts = cs_strict_is_user_name,
		.default_text = "",
		.what = "at most 128 login names, with blanks between them",
		.help = "Login names of the users this class serves.",
	},
	[CS_KEY_GROUPS] = {
		.name = "groups", ROW(groups, CS_KEY_GROUPS),
		.convert = convert_names, .accepts = cs_strict_is_user_name,
		.default_text = "",
		.what = "at most 128 group names, with blanks between them",
		.help = "Names of the groups whose members this class serves.",
	},
	[CS_KEY_IDENTITY] = {
		.name = "identity", ROW(identity, CS_KEY_IDENTITY),
		.convert = convert_word, .words = identity_words,
		.default_text = "host",
		.what = "host, keep or root",
		.help = "Who the user is inside; host: the same uid, gid and groups.",
	},
	[CS_KEY_ID_RANGE] = {
		.name = "id-range", ROW(id_range, CS_KEY_ID_RANGE),
		.convert = convert_id_range, .min = CS_SUBID_COUNT_MIN, .max = UINT32_MAX,
		.default_text = "",
		.what = "BASE+COUNT, a BASE of 65536 or more and a COUNT of 65536 or more",
		.help = "Subordinate ids of users who have none: COUNT of them from BASE + uid * COUNT.",
	},
	[CS_KEY_ALLOW_ROOT] = {
		.name = "allow-root", ROW(allow_root, CS_KEY_ALLOW_ROOT),
		.convert = convert_bool,
		.default_text = "no",
		.what = "yes or no",
		.help = "Whether the user has the rights of the container's root; not the host's.",
	},
	[CS_KEY_NESTED_NAMESPACES] = {
		.name = "nested-namespaces", ROW(nested, CS_KEY_NESTED_NAMESPACES),
		.convert = convert_bool,
		.default_text = "no",
		.what = "yes or no",
		.help = "Whether sessions may make namespaces: for bwrap, browsers, rootless podman.",
	},
	[CS_KEY_SECCOMP] = {
		.name = "seccomp", ROW(seccomp, CS_KEY_SECCOMP),
		.convert = convert_seccomp,
		.default_text = "default",
		.what = "default, none, or the absolute path of a compiled filter",
		.help = "Which system calls sessions may make: default, none (all), or a compiled filter.",
	},
	[CS_KEY_ROOT] = {
		.name = "root", ROW(root, CS_KEY_ROOT),
		.convert = convert_root,
		.default_text = CS_CONF_HOST,
		.what = "host, or the absolute path of a directory or of an image, .erofs or .squashfs",
		.help = "What is at / inside; host: the host's system, read-only; else an image.",
	},
	[CS_KEY_ROOT_VERITY] = {
		.name = "root-verity", ROW(root_verity, CS_KEY_ROOT_VERITY),
		.convert = convert_verity,
		.default_text = "",
		.what = "sha256: or sha512: and a digest, as fsverity measure prints it",
		.help = "The fs-verity digest that an image, a file, has to have.",
	},
	[CS_KEY_WRITABLE] = {
		.name = "writable", ROW(writable, CS_KEY_WRITABLE),
		.convert = convert_word, .words = writable_words,
		.default_text = "no",
		.what = "no, ephemeral or persistent",
		.help = "Whether an image can be written to; ephemeral: until the container ends.",
	},
	[CS_KEY_WRITABLE_SIZE] = {
		.name = "writable-size", ROW(writable_size, CS_KEY_WRITABLE_SIZE),
		.convert = convert_size, .min = UINT64_C(4) << 20, .max = INT64_MAX,
		.default_text = "1G",
		.what = "a size of 4M or more, such as 512M or 2G",
		.help = "How much can be written to it with ephemeral, in memory.",
	},
	[CS_KEY_NETWORK] = {
		.name = "network", ROW(network, CS_KEY_NETWORK),
		.convert = convert_network,
		.default_text = "host",
		.what = "host, none, or netns: and the name of a network namespace",
		.help = "What network is inside: host, none (a loopback), or netns:NAME (ip-netns).",
	},
	[CS_KEY_SHELL] = {
		.name = "shell", ROW(shell, CS_KEY_SHELL),
		.convert = convert_path,
		.default_text = CS_DEFAULT_SHELL,
		.what = "an absolute path without .., such as /bin/bash",
		.help = "The login shell that is started inside.",
	},
	[CS_KEY_HOME] = {
		.name = "home", ROW(home, CS_KEY_HOME),
		.convert = convert_word, .words = home_words,
		.default_text = "host",
		.what = "host, private, tmpfs or none",
		.help = "Which home directory the user has inside.",
	},
	[CS_KEY_TMP_SIZE] = {
		.name = "tmp-size", ROW(tmp_size, CS_KEY_TMP_SIZE),
		.convert = convert_size, .min = UINT64_C(1) << 20, .max = INT64_MAX,
		.default_text = "1G",
		.what = "a size of 1M or more, such as 512M or 2G",
		.help = "How large each of /tmp, /var, /run and /dev/shm can grow, in memory.",
	},
	[CS_KEY_EXPOSE] = {
		.name = "expose", ROW(expose, CS_KEY_EXPOSE),
		.convert = convert_names, .accepts = is_any,
		.default_text = "",
		.what = "at most 128 paths, each SRC or SRC=DEST, with blanks between them",
		.help = "Files and directories of the host that are shown, read-only.",
	},
	[CS_KEY_SHARE] = {
		.name = "share", ROW(share, CS_KEY_SHARE),
		.convert = convert_names, .accepts = is_any,
		.default_text = "",
		.what = "at most 128 paths, each SRC or SRC=DEST, with blanks between them",
		.help = "The same, read-write, as far as the modes of the files let the user.",
	},
	[CS_KEY_FSTAB] = {
		.name = "fstab", ROW(fstab, CS_KEY_FSTAB),
		.convert = convert_optional_path,
		.default_text = "",
		.what = "an absolute path without .., such as /etc/container-shell/fstab",
		.help = "A file of mounts, in the form of fstab(5).",
	},
	[CS_KEY_DEVICES] = {
		.name = "devices", ROW(devices, CS_KEY_DEVICES),
		.convert = convert_names, .accepts = cs_strict_is_device_name,
		.default_text = "null zero full random urandom tty ptmx fuse",
		.what = "at most 128 names of devices below /dev, such as null or dri/renderD128, "
			"and none below pts, shm and mqueue",
		.help = "What is in /dev, of devices.",
	},
	[CS_KEY_HIDE] = {
		.name = "hide", ROW(hide, CS_KEY_HIDE),
		.convert = convert_names, .accepts = is_any,
		.default_text = "",
		.what = "at most 128 paths, with blanks between them",
		.help = "Files and directories whose content is not to be seen.",
	},
	[CS_KEY_SCOPE] = {
		.name = "scope", ROW(scope, CS_KEY_SCOPE),
		.convert = convert_word, .words = scope_words,
		.default_text = "user",
		.what = "user or session",
		.help = "Whether all logins of a user share a container, or each gets its own.",
	},
	[CS_KEY_LINGER] = {
		.name = "linger", ROW(linger_ms, CS_KEY_LINGER),
		.convert = convert_linger, .min = 0, .max = UINT64_C(366) * 24 * 3600 * 1000,
		.default_text = "no",
		.what = "no, yes, or a time of 366d or less, such as 10min",
		.help = "How long a container outlives its last session.",
	},
	[CS_KEY_STOP_TIMEOUT] = {
		.name = "stop-timeout", ROW(stop_timeout_ms, CS_KEY_STOP_TIMEOUT),
		.convert = convert_time, .min = 0, .max = 10 * 60 * 1000,
		.default_text = "2s",
		.what = "a time of 10min or less, such as 500ms or 2s",
		.help = "How long processes may take to end before they are killed.",
	},
	[CS_KEY_MAX_SESSIONS] = {
		.name = "max-sessions", ROW(max_sessions, CS_KEY_MAX_SESSIONS),
		.convert = convert_count, .min = 1, .max = 100000,
		.default_text = "infinity",
		.what = "a number from 1 to 100000, or infinity",
		.help = "How many sessions a user may have at a time.",
	},
	[CS_KEY_MAX_AGE] = {
		.name = "max-age", ROW(max_age_ms, CS_KEY_MAX_AGE),
		.convert = convert_limit_time, .min = 1000, .max = UINT64_C(366) * 24 * 3600 * 1000,
		.default_text = "infinity",
		.what = "a time from 1s to 366d, such as 7d, or infinity",
		.help = "When a container ends, whoever is in it.",
	},
	[CS_KEY_IDLE_TIMEOUT] = {
		.name = "idle-timeout", ROW(idle_timeout_ms, CS_KEY_IDLE_TIMEOUT),
		.convert = convert_limit_time, .min = 1000, .max = UINT64_C(366) * 24 * 3600 * 1000,
		.default_text = "infinity",
		.what = "a time from 1s to 366d, such as 2h, or infinity",
		.help = "When a session ends in which nothing is typed and no command runs.",
	},
	[CS_KEY_RECYCLE] = {
		.name = "recycle", ROW(recycle, CS_KEY_RECYCLE),
		.convert = convert_word, .words = recycle_words,
		.default_text = "idle",
		.what = "idle, now or never",
		.help = "When a login replaces a container of an older configuration.",
	},
	[CS_KEY_MAINTENANCE] = {
		.name = "maintenance", ROW(maintenance, CS_KEY_MAINTENANCE),
		.convert = convert_message,
		.default_text = "",
		.what = "a message of at most 511 bytes without control characters",
		.help = "Instead of a session, new logins get this message.",
	},
	[CS_KEY_MAINTENANCE_ALLOW] = {
		.name = "maintenance-allow", ROW(maintenance_allow, CS_KEY_MAINTENANCE_ALLOW),
		.convert = convert_names, .accepts = is_maintenance_service,
		.default_text = "",
		.what = "sftp",
		.help = "What works during maintenance: sftp, so that files can be fetched.",
	},
	[CS_KEY_PASS_ENVIRONMENT] = {
		.name = "pass-environment", ROW(pass_environment, CS_KEY_PASS_ENVIRONMENT),
		.convert = convert_names, .accepts = is_passable,
		.default_text = "",
		.what = "at most 128 names of environment variables, with blanks between them, "
			"and none of LD_*, HOME, USER, LOGNAME, SHELL, PATH, XDG_RUNTIME_DIR, SSH_AUTH_SOCK and SSH_AGENT_PID",
		.help = "Environment variables of the login that are kept inside.",
	},
	[CS_KEY_MEMORY_MAX] = {
		.name = "memory-max", LIMIT_ROW(CS_LIMIT_MEMORY_MAX, CS_KEY_MEMORY_MAX),
		.convert = cs_conf_limits_size,
		.default_text = "infinity",
		.what = "a size of 1M or more, such as 2G, a part of the memory from 1% to 100%, or infinity",
		.help = "How much memory a container may take; beyond that processes are killed.",
	},
	[CS_KEY_MEMORY_HIGH] = {
		.name = "memory-high", LIMIT_ROW(CS_LIMIT_MEMORY_HIGH, CS_KEY_MEMORY_HIGH),
		.convert = cs_conf_limits_size,
		.default_text = "infinity",
		.what = "a size of 1M or more, such as 2G, a part of the memory from 1% to 100%, or infinity",
		.help = "From how much memory on a container is slowed down, and its memory taken back.",
	},
	[CS_KEY_SWAP_MAX] = {
		.name = "swap-max", LIMIT_ROW(CS_LIMIT_SWAP_MAX, CS_KEY_SWAP_MAX),
		.convert = cs_conf_limits_size,
		.default_text = "infinity",
		.what = "a size, such as 0 or 1G, a part of the swap from 1% to 100%, or infinity",
		.help = "How much swap space a container may take.",
	},
	[CS_KEY_OOM] = {
		.name = "oom", LIMIT_ROW(CS_LIMIT_OOM_GROUP, CS_KEY_OOM),
		.convert = cs_conf_limits_word, .words = oom_words,
		.default_text = "kill-process",
		.what = "kill-process or kill-container",
		.help = "Who is killed when there is no memory left.",
	},
	[CS_KEY_PIDS_MAX] = {
		.name = "pids-max", LIMIT_ROW(CS_LIMIT_PIDS_MAX, CS_KEY_PIDS_MAX),
		.convert = cs_conf_limits_count,
		.default_text = "infinity",
		.what = "a number from 2 to 4194304, or infinity",
		.help = "How many processes and threads a container may have.",
	},
	[CS_KEY_CPU_WEIGHT] = {
		.name = "cpu-weight", LIMIT_ROW(CS_LIMIT_CPU_WEIGHT, CS_KEY_CPU_WEIGHT),
		.convert = cs_conf_limits_weight, .words = cpu_weight_words,
		.default_text = "100",
		.what = "a number from 1 to 10000, or idle",
		.help = "A container's share of the processors, when they are asked for by several.",
	},
	[CS_KEY_CPU_QUOTA] = {
		.name = "cpu-quota", LIMIT_ROW(CS_LIMIT_CPU_QUOTA, CS_KEY_CPU_QUOTA),
		.convert = cs_conf_limits_quota,
		.default_text = "infinity",
		.what = "per cent of one processor, such as 50% or 150%, or infinity",
		.help = "How much processor time a container gets at the most.",
	},
	[CS_KEY_CPUSET] = {
		.name = "cpuset", ROW(cpuset, CS_KEY_CPUSET),
		.convert = cs_conf_limits_cpus,
		.default_text = "",
		.what = "numbers and ranges of processors, such as 0-3,5",
		.help = "On which processors a container runs.",
	},
	[CS_KEY_IO_WEIGHT] = {
		.name = "io-weight", LIMIT_ROW(CS_LIMIT_IO_WEIGHT, CS_KEY_IO_WEIGHT),
		.convert = cs_conf_limits_weight,
		.default_text = "100",
		.what = "a number from 1 to 10000",
		.help = "A container's share of the disks, when they are asked for by several.",
	},
	[CS_KEY_NICE] = {
		.name = "nice", LIMIT_ROW(CS_LIMIT_NICE, CS_KEY_NICE),
		.convert = cs_conf_limits_nice,
		.default_text = "",
		.what = "a number from -20 to 19",
		.help = "How nice sessions are; by default, as the login is.",
	},
	[CS_KEY_OOM_SCORE_ADJUST] = {
		.name = "oom-score-adjust", LIMIT_ROW(CS_LIMIT_OOM_SCORE, CS_KEY_OOM_SCORE_ADJUST),
		.convert = cs_conf_limits_oom_score,
		.default_text = "",
		.what = "a number from -1000 to 1000",
		.help = "How likely a session is killed when the host has no memory left.",
	},
	[CS_KEY_LIMIT_AS] = {
		.name = "limit-as", LIMIT_ROW(CS_LIMIT_AS, CS_KEY_LIMIT_AS),
		.convert = cs_conf_limits_process_size,
		.default_text = "",
		.what = "a size such as 512M, or infinity, or two of them as SOFT:HARD",
		.help = "How much address space a process may have, as SOFT:HARD or both in one.",
	},
	[CS_KEY_LIMIT_CORE] = {
		.name = "limit-core", LIMIT_ROW(CS_LIMIT_CORE, CS_KEY_LIMIT_CORE),
		.convert = cs_conf_limits_process_size,
		.default_text = "",
		.what = "a size such as 512M, or infinity, or two of them as SOFT:HARD",
		.help = "How large a core file may become.",
	},
	[CS_KEY_LIMIT_CPU] = {
		.name = "limit-cpu", LIMIT_ROW(CS_LIMIT_CPU, CS_KEY_LIMIT_CPU),
		.convert = cs_conf_limits_process_time,
		.default_text = "",
		.what = "a time in whole seconds such as 1h, or infinity, or two of them as SOFT:HARD",
		.help = "How much processor time a process may take.",
	},
	[CS_KEY_LIMIT_DATA] = {
		.name = "limit-data", LIMIT_ROW(CS_LIMIT_DATA, CS_KEY_LIMIT_DATA),
		.convert = cs_conf_limits_process_size,
		.default_text = "",
		.what = "a size such as 512M, or infinity, or two of them as SOFT:HARD",
		.help = "How much memory of its own a process may have.",
	},
	[CS_KEY_LIMIT_FSIZE] = {
		.name = "limit-fsize", LIMIT_ROW(CS_LIMIT_FSIZE, CS_KEY_LIMIT_FSIZE),
		.convert = cs_conf_limits_process_size,
		.default_text = "",
		.what = "a size such as 512M, or infinity, or two of them as SOFT:HARD",
		.help = "How large a file may become.",
	},
	[CS_KEY_LIMIT_MEMLOCK] = {
		.name = "limit-memlock", LIMIT_ROW(CS_LIMIT_MEMLOCK, CS_KEY_LIMIT_MEMLOCK),
		.convert = cs_conf_limits_process_size,
		.default_text = "",
		.what = "a size such as 512M, or infinity, or two of them as SOFT:HARD",
		.help = "How much memory a process may lock.",
	},
	[CS_KEY_LIMIT_MSGQUEUE] = {
		.name = "limit-msgqueue", LIMIT_ROW(CS_LIMIT_MSGQUEUE, CS_KEY_LIMIT_MSGQUEUE),
		.convert = cs_conf_limits_process_size,
		.default_text = "",
		.what = "a size such as 512M, or infinity, or two of them as SOFT:HARD",
		.help = "How much POSIX message queues may take.",
	},
	[CS_KEY_LIMIT_NOFILE] = {
		.name = "limit-nofile", LIMIT_ROW(CS_LIMIT_NOFILE, CS_KEY_LIMIT_NOFILE),
		.convert = cs_conf_limits_process_count,
		.default_text = "",
		.what = "a number of 3 or more, or two of them as SOFT:HARD",
		.help = "How many files a process may have open.",
	},
	[CS_KEY_LIMIT_NPROC] = {
		.name = "limit-nproc", LIMIT_ROW(CS_LIMIT_NPROC, CS_KEY_LIMIT_NPROC),
		.convert = cs_conf_limits_process_count,
		.default_text = "",
		.what = "a number, or infinity, or two of them as SOFT:HARD",
		.help = "How many processes the user may have, on the whole host.",
	},
	[CS_KEY_LIMIT_SIGPENDING] = {
		.name = "limit-sigpending", LIMIT_ROW(CS_LIMIT_SIGPENDING, CS_KEY_LIMIT_SIGPENDING),
		.convert = cs_conf_limits_process_count,
		.default_text = "",
		.what = "a number, or infinity, or two of them as SOFT:HARD",
		.help = "How many signals may wait.",
	},
	[CS_KEY_LIMIT_STACK] = {
		.name = "limit-stack", LIMIT_ROW(CS_LIMIT_STACK, CS_KEY_LIMIT_STACK),
		.convert = cs_conf_limits_process_size,
		.default_text = "",
		.what = "a size such as 512M, or infinity, or two of them as SOFT:HARD",
		.help = "How large a stack may become.",
	},
};
_Static_assert(COUNT(rows) == CS_KEY_COUNT, "each key has its row");

static bool ends_with(const char *text, const char *end)
{
	const size_t length = strlen(text), size = strlen(end);

	return length > size && strcmp(text + length - size, end) == 0;
}

enum cs_seccomp cs_conf_keys_seccomp(const char *text)
{
	if (strcmp(text, "default") == 0)
		return CS_SECCOMP_DEFAULT;
	return strcmp(text, "none") == 0 ? CS_SECCOMP_NONE : CS_SECCOMP_FILE;
}

enum cs_root cs_conf_keys_root(const char *text)
{
	if (strcmp(text, CS_CONF_HOST) == 0)
		return CS_ROOT_HOST;
	if (ends_with(text, ".erofs"))
		return CS_ROOT_EROFS;
	return ends_with(text, ".squashfs") ? CS_ROOT_SQUASHFS : CS_ROOT_DIRECTORY;
}

size_t cs_conf_keys_count(void)
{
	return COUNT(rows);
}

const struct cs_conf_row *cs_conf_keys_at(size_t index)
{
	return index < COUNT(rows) ? &rows[index] : NULL;
}

const struct cs_conf_row *cs_conf_keys_find(const char *name)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	}
	return NULL;
}

int cs_conf_keys_set(const struct cs_conf_row *row, const char *text,
		     struct cs_conf_class *class)
{
	return row->convert(row, text, (char *)class + row->offset);
}

int cs_conf_keys_set_defaults(struct cs_conf_class *class)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		int err = cs_conf_keys_set(&rows[i], rows[i].default_text, class);

		if (err < 0)
			return err;
	}
	return 0;
}

void cs_conf_keys_free(struct cs_conf_class *class)
{
	free_list(&class->users);
	free_list(&class->groups);
	free_list(&class->maintenance_allow);
	free_list(&class->pass_environment);
	free_list(&class->expose);
	free_list(&class->share);
	free_list(&class->devices);
	free_list(&class->hide);
	free(class->shell);
	free(class->maintenance);
	free(class->fstab);
	free(class->root);
	free(class->root_verity);
	class->root_verity = NULL;
	free(class->seccomp);
	class->seccomp = NULL;
	free(class->network.name);
	class->network.name = NULL;
	class->root = NULL;
	free(class->cpuset);
	class->cpuset = NULL;
	class->shell = NULL;
	class->fstab = NULL;
	class->maintenance = NULL;
}
