/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plan: all that will be done for one user, decided before anything is done.
 *
 * Floor 1. Runs as root in the planner and as anyone in --explain. Must not
 * touch a file or ask a database. What a container shows is the table below.
 * plan_print.c, which no program of a login links, shows a plan.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conf_keys.h"
#include "cpus.h"
#include "devices.h"
#include "identity.h"
#include "plan.h"
#include "plan_given.h"
#include "strict.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define RO CS_MOUNT_RO
#define NOSUID CS_MOUNT_NOSUID
#define NODEV CS_MOUNT_NODEV
#define NOEXEC CS_MOUNT_NOEXEC
#define OPTIONAL CS_MOUNT_OPTIONAL
#define FILE_SOURCE CS_MOUNT_FILE

/* Of a row alone: with the host's network only, never in a plan. */
#define HOST_NETWORK (1U << 31)
_Static_assert(CS_MOUNT_FLAGS_ALL < HOST_NETWORK, "no flag of the plan's");

/* What packages install, for all to read. Not /etc and /opt, where some is closed to all but root. */
#define SYSTEM (RO | NOSUID | NODEV | CS_MOUNT_IDMAP)

/* A path has no "//", so this in a table row stands for the user's uid. */
#define UID "//uid"

struct fixed_mount {
	enum cs_mount_kind kind;
	unsigned int flags;
	unsigned int mode;
	const char *target;	/* and source, of a bind */
};

/*
 * What `root = host` shows, parents first.
 *
 * SECURITY: of the host's /run no more than the read-only public ends that
 * names need: its /run/user, D-Bus, systemd, cron and at sockets are each a
 * way to start a process outside. /var is ours for the same reason.
 */
static const struct fixed_mount host_mounts[] = {
	{ CS_MOUNT_PROC, NOSUID | NODEV | NOEXEC, 0555, "/proc" },
	{ CS_MOUNT_SYSFS, RO | NOSUID | NODEV | NOEXEC, 0555, "/sys" },
	{ CS_MOUNT_CGROUP2, RO | NOSUID | NODEV | NOEXEC | OPTIONAL, 0555, "/sys/fs/cgroup" },

	{ CS_MOUNT_DEV, NOSUID | NOEXEC, 0755, "/dev" },
	/* the host's, so that the session's terminal has one name inside and out */
	{ CS_MOUNT_BIND, NOSUID | NOEXEC, 0755, "/dev/pts" },
	{ CS_MOUNT_TMPFS, NOSUID | NODEV, 01777, "/dev/shm" },
	{ CS_MOUNT_MQUEUE, NOSUID | NODEV | NOEXEC, 01777, "/dev/mqueue" },

	{ CS_MOUNT_BIND, SYSTEM, 0755, "/usr" },
	{ CS_MOUNT_BIND, RO | NOSUID | NODEV, 0755, "/etc" },
	{ CS_MOUNT_BIND, RO | NOSUID | NODEV | OPTIONAL, 0755, "/opt" },
	{ CS_MOUNT_BIND_OR_LINK, SYSTEM | OPTIONAL, 0755, "/bin" },
	{ CS_MOUNT_BIND_OR_LINK, SYSTEM | OPTIONAL, 0755, "/sbin" },
	{ CS_MOUNT_BIND_OR_LINK, SYSTEM | OPTIONAL, 0755, "/lib" },
	{ CS_MOUNT_BIND_OR_LINK, SYSTEM | OPTIONAL, 0755, "/lib32" },
	{ CS_MOUNT_BIND_OR_LINK, SYSTEM | OPTIONAL, 0755, "/lib64" },
	{ CS_MOUNT_BIND_OR_LINK, SYSTEM | OPTIONAL, 0755, "/libx32" },

	{ CS_MOUNT_DIR, 0, 0755, "/home" },
	{ CS_MOUNT_DIR, 0, 0755, "/media" },
	{ CS_MOUNT_DIR, 0, 0755, "/mnt" },
	{ CS_MOUNT_DIR, 0, 0700, "/root" },
	{ CS_MOUNT_DIR, 0, 0755, "/srv" },

	{ CS_MOUNT_TMPFS, NOSUID | NODEV, 01777, "/tmp" },
	{ CS_MOUNT_TMPFS, NOSUID | NODEV, 0755, "/var" },
	{ CS_MOUNT_DIR, 0, 0755, "/var/cache" },
	{ CS_MOUNT_DIR, 0, 0755, "/var/lib" },
	{ CS_MOUNT_DIR, 0, 0755, "/var/log" },
	{ CS_MOUNT_DIR, 0, 0755, "/var/spool" },
	{ CS_MOUNT_DIR, 0, 01777, "/var/tmp" },

	{ CS_MOUNT_TMPFS, NOSUID | NODEV, 0755, "/run" },
	{ CS_MOUNT_DIR, 0, 01777, "/run/lock" },
	{ CS_MOUNT_DIR, 0, 0755, "/run/user" },
	{ CS_MOUNT_DIR, CS_MOUNT_USER_OWNS, 0700, "/run/user" UID },
	{ CS_MOUNT_DIR, 0, 0755, "/run/host" },
	{ CS_MOUNT_DIR, 0, 0755, "/run/host/agent" },

	/*
	 * Where /etc/resolv.conf may point to. SECURITY: behind the sockets of
	 * systemd-resolved and nscd a process of the host's asks the name servers for
	 * whoever connects: a way out of a network of the container's own.
	 */
	{ CS_MOUNT_BIND, RO | NOSUID | NODEV | NOEXEC | OPTIONAL | HOST_NETWORK, 0755,
	  "/run/systemd/resolve" },
	{ CS_MOUNT_BIND, RO | NOSUID | NODEV | NOEXEC | OPTIONAL, 0755, "/run/resolvconf" },
	{ CS_MOUNT_BIND, RO | NOSUID | NODEV | NOEXEC | OPTIONAL | FILE_SOURCE, 0644,
	  "/run/NetworkManager/resolv.conf" },
	/* the public ends of nscd and SSSD, so that users of LDAP have a name */
	{ CS_MOUNT_BIND, RO | NOSUID | NODEV | NOEXEC | OPTIONAL | FILE_SOURCE | HOST_NETWORK,
	  0666, "/run/nscd/socket" },
	{ CS_MOUNT_BIND, RO | NOSUID | NODEV | NOEXEC | OPTIONAL, 0755, "/var/lib/sss/mc" },
	{ CS_MOUNT_BIND, RO | NOSUID | NODEV | NOEXEC | OPTIONAL | FILE_SOURCE, 0666,
	  "/var/lib/sss/pipes/nss" },
};
_Static_assert(COUNT(host_mounts) + 1 + CS_CONF_MOUNTS_MAX <= CS_PLAN_MOUNTS_MAX,
	       "and one for the home, and what a class may ask for");

/*
 * What is mounted in an image, parents first; what else it has is its own. Nothing
 * is made in /run by a name of the image's: that is a tmpfs by then.
 */
static const struct fixed_mount image_mounts[] = {
	{ CS_MOUNT_PROC, NOSUID | NODEV | NOEXEC, 0555, "/proc" },
	{ CS_MOUNT_SYSFS, RO | NOSUID | NODEV | NOEXEC, 0555, "/sys" },
	{ CS_MOUNT_CGROUP2, RO | NOSUID | NODEV | NOEXEC | OPTIONAL, 0555, "/sys/fs/cgroup" },

	{ CS_MOUNT_DEV, NOSUID | NOEXEC, 0755, "/dev" },
	{ CS_MOUNT_BIND, NOSUID | NOEXEC, 0755, "/dev/pts" },
	{ CS_MOUNT_TMPFS, NOSUID | NODEV, 01777, "/dev/shm" },
	{ CS_MOUNT_MQUEUE, NOSUID | NODEV | NOEXEC, 01777, "/dev/mqueue" },

	{ CS_MOUNT_TMPFS, NOSUID | NODEV, 01777, "/tmp" },
	/* in some images a link to /tmp, and then left as it is */
	{ CS_MOUNT_TMPFS, NOSUID | NODEV | OPTIONAL, 01777, "/var/tmp" },

	{ CS_MOUNT_TMPFS, NOSUID | NODEV, 0755, "/run" },
	{ CS_MOUNT_DIR, 0, 01777, "/run/lock" },
	{ CS_MOUNT_DIR, 0, 0755, "/run/user" },
	{ CS_MOUNT_DIR, CS_MOUNT_USER_OWNS, 0700, "/run/user" UID },
	{ CS_MOUNT_DIR, 0, 0755, "/run/host" },
	{ CS_MOUNT_DIR, 0, 0755, "/run/host/agent" },
};
_Static_assert(COUNT(image_mounts) <= COUNT(host_mounts), "they have room where those have");

static const struct cs_link host_links[] = {
	{ "/var/lock", "/run/lock" },
	{ "/var/run", "/run" },
};
_Static_assert(COUNT(host_links) <= CS_PLAN_LINKS_MAX, "the links have room");

static const char *const device_names[] = {
	[CS_DEVICE_NULL] = "null",	 [CS_DEVICE_ZERO] = "zero",   [CS_DEVICE_FULL] = "full",
	[CS_DEVICE_RANDOM] = "random",	 [CS_DEVICE_URANDOM] = "urandom",
	[CS_DEVICE_TTY] = "tty",	 [CS_DEVICE_PTMX] = "ptmx",   [CS_DEVICE_FUSE] = "fuse",
};
_Static_assert(COUNT(device_names) == CS_DEVICE_COUNT, "each device has its name");

static bool is_bind(enum cs_mount_kind kind)
{
	return kind == CS_MOUNT_BIND || kind == CS_MOUNT_BIND_OR_LINK;
}

/* The next entry of the plan's list; the assertions above say that it is there. */
static struct cs_mount *next_mount(struct cs_plan *plan)
{
	struct cs_mount *mount = &plan->mounts[plan->mount_count++];

	*mount = (struct cs_mount){ .source = "" };
	return mount;
}

/* A copy of @text in the plan. There is room: see the assertion below. */
static const char *keep(struct cs_plan *plan, const char *text)
{
	char *copy = plan->text + plan->text_size;
	size_t size = strlen(text) + 1;

	memcpy(copy, text, size);
	plan->text_size += size;
	return copy;
}

/* The row's target with the uid in it that the user has inside. */
static const char *keep_with_uid(struct cs_plan *plan, const char *target, const char *uid)
{
	char path[64];

	/* the rows are short: it cannot be cut */
	(void)snprintf(path, sizeof(path), "%.*s/%u", (int)(uid - target), target,
		       plan->identity == CS_IDENTITY_ROOT ? 0 : plan->uid);
	return keep(plan, path);
}

/*
 * May what is root's of the host be shown as root's inside? SECURITY: who is that root owns
 * it, and with a lease keeps all the host waiting for it (F_SETLEASE, fcntl(2)): only
 * where the user cannot be.
 */
static bool maps_owners(const struct cs_plan *plan)
{
	return plan->identity == CS_IDENTITY_KEEP && !plan->allow_root;
}

static void add_fixed(struct cs_plan *plan, const struct fixed_mount *row, uint64_t tmp_size)
{
	struct cs_mount *mount = next_mount(plan);
	const char *uid = strstr(row->target, UID);

	mount->kind = row->kind;
	mount->flags = row->flags & CS_MOUNT_FLAGS_ALL & ~(maps_owners(plan) ? 0U : CS_MOUNT_IDMAP);
	mount->mode = row->mode;
	if (row->kind == CS_MOUNT_TMPFS)
		mount->size = tmp_size;
	mount->target = uid ? keep_with_uid(plan, row->target, uid) : row->target;
	mount->source = is_bind(row->kind) ? mount->target : "";
}

const char *cs_plan_home_obstacle(const struct cs_plan *plan)
{
	static const char *const kernel[] = { "/proc", "/sys", "/dev", "/run" };

	/* what an image has there is no mount, and is lain over all the same */
	for (size_t i = 0; plan->root != CS_ROOT_HOST && i < COUNT(host_mounts); i++) {
		if (cs_strict_path_within(host_mounts[i].target, plan->home))
			return host_mounts[i].target;
	}
	for (size_t i = 0; i < plan->mount_count; i++) {
		const struct cs_mount *mount = &plan->mounts[i];

		/* it would lie over what was mounted before, / included */
		if (!(mount->flags & (CS_MOUNT_AS_USER | CS_MOUNT_GIVEN | CS_MOUNT_SKEL)) &&
		    cs_strict_path_within(mount->target, plan->home))
			return mount->target;
	}
	/* SECURITY: a home there would be the host's /proc, or its sockets. */
	for (size_t i = 0; i < COUNT(kernel); i++) {
		if (cs_strict_path_within(plan->home, kernel[i]))
			return kernel[i];
	}
	return NULL;
}

/* Last, as it may lie in a tree that is mounted before it. */
static void add_home(struct cs_plan *plan, const struct cs_conf_class *class)
{
	struct cs_mount *mount;

	if (class->home == CS_HOME_NONE || cs_plan_home_obstacle(plan))
		return;
	mount = next_mount(plan);
	mount->target = plan->home;
	mount->mode = 0700;
	mount->flags = NOSUID | NODEV;
	switch (class->home) {
	case CS_HOME_PRIVATE:
		mount->kind = CS_MOUNT_PRIVATE_HOME;
		mount->flags |= CS_MOUNT_SKEL;
		break;
	case CS_HOME_TMPFS:
		mount->kind = CS_MOUNT_TMPFS;
		mount->size = class->tmp_size;
		mount->flags |= CS_MOUNT_SKEL | CS_MOUNT_USER_OWNS;
		break;
	default:
		mount->kind = CS_MOUNT_BIND;
		mount->flags |= OPTIONAL | CS_MOUNT_AS_USER;
		mount->mode = 0755;
		mount->source = plan->home;
		break;
	}
}

/* One that is known by its number, or one like the host's. */
static int add_device(struct cs_plan *plan, const struct cs_conf_class *class, const char *name,
		      char *ret_error, size_t error_size)
{
	const struct cs_conf_origin *origin = &class->origin[CS_KEY_DEVICES];
	struct cs_mount node = { .kind = CS_MOUNT_NODE, .origin = origin };
	char path[80];

	for (size_t i = 0; i < COUNT(device_names); i++) {
		if (strcmp(device_names[i], name) == 0) {
			plan->devices |= 1U << i;
			return 0;
		}
	}
	(void)snprintf(path, sizeof(path), "/dev/%s", name);	/* of 63 bytes at most */
	for (size_t i = 0; i < plan->mount_count; i++) {
		if (plan->mounts[i].kind == CS_MOUNT_NODE &&
		    strcmp(plan->mounts[i].target, path) == 0)
			return 0;	/* named twice */
	}
	if (plan->mount_count >= CS_PLAN_MOUNTS_MAX - CS_CONF_MOUNTS_MAX) {
		(void)snprintf(ret_error, error_size, "%s:%u: [%s] devices: %s is one too many",
			       origin->file ? origin->file : "", origin->line, class->name, path);
		return -EINVAL;
	}
	node.target = node.source = keep(plan, path);
	plan->mounts[plan->mount_count++] = node;
	return 0;
}

/* A copy of @text in the plan, of less than @size bytes. @what it is, for the message. */
static int copy_text(struct cs_plan *plan, const char *what, const char *text, size_t size,
		     const char **ret_copy, char *ret_error, size_t error_size)
{
	if (strlen(text) >= size) {
		(void)snprintf(ret_error, error_size, "the %s is longer than %zu bytes", what,
			       size - 1);
		return -EINVAL;
	}
	*ret_copy = keep(plan, text);
	return 0;
}

/*
 * For an image, which knows neither the user nor the groups: lines of passwd(5) and
 * group(5), by the ids that they have inside. As many groups as have room; those behind have numbers alone.
 */
static void copy_names(const struct cs_user *user, struct cs_plan *plan)
{
	const bool is_root = plan->identity == CS_IDENTITY_ROOT;
	const char *user_name = is_root ? "root" : user->name;
	char lines[CS_PLAN_GROUP_MAX], line[CS_USER_NAME_MAX + CS_PLAN_PATH_MAX * 2 + 64];
	size_t used = 0;

	plan->passwd = plan->group = "";
	if (plan->root == CS_ROOT_HOST)
		return;
	/*
	 * Fits: home and shell are in the plan. No password, and not in shadow(5): an "x" without
	 * a line there is an account that pam_unix(8), and so sudo(8), does not let in.
	 */
	(void)snprintf(line, sizeof(line), "%s:*:%u:%u::%s:%s\n", user_name,
		       is_root ? 0 : user->uid, is_root ? 0 : user->gid, plan->home, plan->shell);
	plan->passwd = keep(plan, line);
	lines[0] = '\0';
	for (size_t i = 0; user->group_names && i <= user->group_count; i++) {
		const bool becomes_root = is_root && i == 0;
		const char *name = becomes_root ? "root" : user->group_names[i];
		const gid_t gid = i == 0 ? user->gid : user->groups[i - 1];
		int length;

		/* the primary group is, as a rule, among the others as well */
		if (!name || (i > 0 && gid == user->gid))
			continue;
		length = snprintf(line, sizeof(line), "%s:x:%u:%s\n", name,
				  becomes_root ? 0 : gid, i == 0 ? "" : user_name);	/* fits */
		if (used + (size_t)length >= sizeof(lines))
			break;
		memcpy(lines + used, line, (size_t)length + 1);
		used += (size_t)length;
	}
	plan->group = keep(plan, lines);
}

static int copy_environment(const struct cs_conf_list *list, struct cs_plan *plan,
			    char *ret_error, size_t error_size)
{
	char names[CS_PLAN_ENVIRONMENT_MAX] = "";
	size_t used = 0;

	for (size_t i = 0; i < list->count && used < sizeof(names); i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
					 i > 0 ? " " : "", list->names[i]);
	if (used >= sizeof(names)) {
		(void)snprintf(ret_error, error_size,
			       "the list of pass-environment is longer than %zu bytes",
			       sizeof(names) - 1);
		return -EINVAL;
	}
	plan->pass_environment = keep(plan, names);
	return 0;
}

/* The class's name of a network namespace, with the user's in it. */
static int copy_netns(const char *pattern, struct cs_plan *plan, char *ret_error,
		      size_t error_size)
{
	char name[CS_PLAN_NETNS_MAX] = "";
	size_t used = 0;

	for (; pattern && *pattern && used < sizeof(name); pattern++) {
		const bool user = *pattern == '%';

		used += (size_t)snprintf(name + used, sizeof(name) - used, "%.*s", user ? 255 : 1,
					 user ? plan->user : pattern);
		pattern += user;
	}
	/* SECURITY: it becomes the name of a file that root opens. */
	if (used >= sizeof(name) || (pattern && !cs_strict_is_netns_name(name))) {
		(void)snprintf(ret_error, error_size,
			       "the user's name makes no name of a network namespace");
		return -EINVAL;
	}
	plan->netns = keep(plan, name);
	return 0;
}

/* All that is kept of fixed size at most, and a row's path with the uid in it. */
_Static_assert(2 * sizeof(((struct cs_user *)NULL)->name) + 7 * CS_PLAN_PATH_MAX +
	       64 + CS_PLAN_GROUP_MAX +
	       CS_PLAN_ENVIRONMENT_MAX + 2 * CS_IDMAP_TEXT_MAX + CS_CONF_MESSAGE_MAX +
	       CS_CPUS_TEXT_MAX + CS_PLAN_NETNS_MAX + CS_PLAN_VERITY_MAX +
	       sizeof(((struct cs_conf_class *)NULL)->name) + 64 * COUNT(host_mounts) <=
	       CS_PLAN_TEXT_MAX / 2, "the texts have room, and others too");

/*
 * SECURITY: without subordinate gids the container's root has no group but the
 * user's; if it could give those up, files that are closed to a group would
 * open (user_namespaces(7); shadow CVE-2018-7169). Who was given subordinate gids
 * was given this, too: newgidmap(1) says the same.
 */
static int copy_maps(const struct cs_user *user, struct cs_plan *plan, char *ret_error,
		     size_t error_size)
{
	struct cs_idmap uids, gids;
	char text[CS_IDMAP_TEXT_MAX];
	int err;

	plan->uid_map = plan->gid_map = "";
	if (plan->identity == CS_IDENTITY_HOST)
		return 0;
	err = cs_identity_map(plan->identity, user, &uids, &gids, ret_error, error_size);
	if (err < 0)
		return err;
	plan->keep_groups = user->subids.gids.count == 0;
	/* CS_IDMAP_MAX lines always fit */
	(void)cs_idmap_print(&uids, text, sizeof(text));
	plan->uid_map = keep(plan, text);
	(void)cs_idmap_print(&gids, text, sizeof(text));
	plan->gid_map = keep(plan, text);
	return 0;
}

static void copy_limits(const struct cs_conf_class *class, struct cs_plan *plan)
{
	for (uint32_t kind = 0; kind < CS_LIMIT_KINDS; kind++)
		if (class->limits[kind].form != CS_LIMIT_NONE)
			plan->limits[plan->limit_count++] = class->limits[kind];
	plan->cpuset = keep(plan, class->cpuset);
}

static int copy_settings(const struct cs_conf_class *class, const struct cs_user *user,
			 struct cs_plan *plan, char *ret_error, size_t error_size)
{
	int err = 0;

	plan->uid = user->uid;
	plan->gid = user->gid;
	plan->user = keep(plan, user->name);
	plan->class_name = keep(plan, class->name);
	plan->identity = class->identity;
	plan->allow_root = class->allow_root;
	plan->nested = class->nested;
	plan->seccomp = cs_conf_keys_seccomp(class->seccomp);
	plan->root = cs_conf_keys_root(class->root);
	plan->root_verity = keep(plan, class->root_verity);
	plan->writable = class->writable;
	plan->writable_size = class->writable_size;
	plan->network = class->network.kind;
	plan->scope = class->scope;
	plan->recycle = class->recycle;
	plan->linger_ms = class->linger_ms;
	plan->stop_timeout_ms = class->stop_timeout_ms;
	plan->max_sessions = class->max_sessions;
	plan->max_age_ms = class->max_age_ms;
	plan->idle_timeout_ms = class->idle_timeout_ms;
	plan->maintenance = keep(plan, class->maintenance);
	plan->maintenance_sftp = class->maintenance_allow.count > 0;	/* it is the only one */
	copy_limits(class, plan);
	plan->fstab = plan->image = plan->seccomp_file = "";
	if (class->fstab)
		err = copy_text(plan, "fstab's name", class->fstab, CS_PLAN_PATH_MAX, &plan->fstab,
				ret_error, error_size);
	if (err == 0)
		err = copy_text(plan, "home directory's name", user->home, CS_PLAN_PATH_MAX,
				&plan->home, ret_error, error_size);
	if (err == 0)
		err = copy_text(plan, "shell's name", class->shell, CS_PLAN_PATH_MAX, &plan->shell,
				ret_error, error_size);
	if (err == 0 && plan->root != CS_ROOT_HOST)
		err = copy_text(plan, "image's name", class->root, CS_PLAN_PATH_MAX, &plan->image,
				ret_error, error_size);
	if (err == 0 && plan->seccomp == CS_SECCOMP_FILE)
		err = copy_text(plan, "filter's name", class->seccomp, CS_PLAN_PATH_MAX,
				&plan->seccomp_file, ret_error, error_size);
	if (err == 0)
		err = copy_netns(class->network.name, plan, ret_error, error_size);
	if (err == 0)
		copy_names(user, plan);
	if (err == 0)
		err = copy_maps(user, plan, ret_error, error_size);
	return err < 0 ? err : copy_environment(&class->pass_environment, plan, ret_error,
						error_size);
}

/* An image has its own links, where others are not made by name: they may lead anywhere. */
static void add_own(struct cs_plan *plan, const struct cs_conf_class *class)
{
	if (plan->root != CS_ROOT_HOST) {
		for (size_t i = 0; i < COUNT(image_mounts); i++)
			add_fixed(plan, &image_mounts[i], class->tmp_size);
		return;
	}
	for (size_t i = 0; i < COUNT(host_mounts); i++)
		if (class->network.kind == CS_NETWORK_HOST || !(host_mounts[i].flags & HOST_NETWORK))
			add_fixed(plan, &host_mounts[i], class->tmp_size);
	memcpy(plan->links, host_links, sizeof(host_links));
	plan->link_count = COUNT(host_links);
}

int cs_plan_make(const struct cs_conf_class *class, const struct cs_user *user,
		 struct cs_plan *ret_plan, char *ret_error, size_t error_size)
{
	int err;

	memset(ret_plan, 0, offsetof(struct cs_plan, mounts));
	if (!class) {
		(void)snprintf(ret_error, error_size, "the group database does not answer");
		return -EINVAL;
	}
	err = copy_settings(class, user, ret_plan, ret_error, error_size);
	if (err < 0)
		return err;
	add_own(ret_plan, class);
	add_home(ret_plan, class);
	for (size_t i = 0; err == 0 && i < class->devices.count; i++)
		err = add_device(ret_plan, class, class->devices.names[i], ret_error, error_size);
	if (err == 0)
		err = cs_plan_add_given(class, user, ret_plan, ret_error, error_size);
	return err < 0 ? -EBADMSG : 0;
}
