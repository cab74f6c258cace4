/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plan_wire: see plan_wire.h. A head, as many rows of fixed size as it says, and
 * the texts, which the rows name by offset. A change of the layout changes MAGIC.
 */
#include "plan_wire.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cpus.h"
#include "devices.h"
#include "fd.h"
#include "idmap.h"
#include "strict.h"

#define MAGIC UINT64_C(0x63732d706c616e35)	/* "cs-plan5" */

struct mount_row {
	uint64_t size;
	uint32_t kind, flags, mode;
	uint32_t target, source;
	uint32_t unused;	/* the padding, said */
};

struct link_row {
	uint32_t path, target;
};

/* As it is worked on. On its way there is nothing between the parts: see pack(). */
struct message {
	uint64_t magic;
	uint64_t stamp[2];
	uint64_t linger_ms, stop_timeout_ms, max_sessions, max_age_ms, idle_timeout_ms;
	uint64_t writable_size;
	uint32_t uid, gid, identity, root, network, scope, recycle, maintenance_sftp, devices;
	uint32_t user, home, class_name, shell, maintenance, pass_environment, fstab;
	uint32_t allow_root, nested, keep_groups, uid_map, gid_map, cpuset;
	uint32_t writable, image, passwd, group, netns, seccomp, seccomp_file, root_verity;
	uint32_t refusal_what, refusal_why;	/* both 0 with a plan */
	uint32_t mount_count, link_count, limit_count, text_size;
	struct mount_row mounts[CS_PLAN_MOUNTS_MAX];
	struct link_row links[CS_PLAN_LINKS_MAX];
	struct cs_limit limits[CS_LIMIT_KINDS];	/* has nothing to name */
	char text[CS_PLAN_TEXT_MAX];		/* the first byte is NUL: offset 0 is "" */
};

/* ---- sending ---------------------------------------------------------------- */

/* -E2BIG once there is no room. */
static int put(struct message *message, const char *text, uint32_t *ret_offset)
{
	size_t size = strlen(text) + 1;

	if (size > sizeof(message->text) - message->text_size)
		return -E2BIG;
	memcpy(message->text + message->text_size, text, size);
	*ret_offset = message->text_size;
	message->text_size += (uint32_t)size;
	return 0;
}

static int put_mount(struct message *message, const struct cs_mount *mount)
{
	struct mount_row *row = &message->mounts[message->mount_count++];
	int result;

	*row = (struct mount_row){ .size = mount->size, .kind = (uint32_t)mount->kind,
				   .flags = mount->flags, .mode = mount->mode };
	result = put(message, mount->target, &row->target);
	if (result < 0 || mount->source[0] == '\0')
		return result;
	if (strcmp(mount->source, mount->target) == 0) {
		row->source = row->target;
		return 0;
	}
	return put(message, mount->source, &row->source);
}

static int put_link(struct message *message, const struct cs_link *link)
{
	struct link_row *row = &message->links[message->link_count++];
	int result = put(message, link->path, &row->path);

	return result < 0 ? result : put(message, link->target, &row->target);
}

static int put_texts(struct message *message, const struct cs_plan *plan)
{
	const struct {
		const char *text;
		uint32_t *offset;
	} texts[] = {
		{ plan->user, &message->user },	  { plan->home, &message->home },
		{ plan->shell, &message->shell }, { plan->class_name, &message->class_name },
		{ plan->maintenance, &message->maintenance },
		{ plan->netns, &message->netns },
		{ plan->seccomp_file, &message->seccomp_file },
		{ plan->root_verity, &message->root_verity },
		{ plan->pass_environment, &message->pass_environment },
		{ plan->fstab, &message->fstab },
		{ plan->uid_map, &message->uid_map }, { plan->gid_map, &message->gid_map },
		{ plan->image, &message->image }, { plan->passwd, &message->passwd },
		{ plan->group, &message->group },
		{ plan->cpuset, &message->cpuset },
	};
	int result = 0;

	for (size_t i = 0; result == 0 && i < sizeof(texts) / sizeof(texts[0]); i++)
		result = put(message, texts[i].text, texts[i].offset);
	for (size_t i = 0; result == 0 && i < plan->mount_count; i++)
		result = put_mount(message, &plan->mounts[i]);
	for (size_t i = 0; result == 0 && i < plan->link_count; i++)
		result = put_link(message, &plan->links[i]);
	return result;
}

/* A message without rows and texts. The rest of it is not touched: most plans are short. */
static void start(struct message *message)
{
	memset(message, 0, offsetof(struct message, mounts));
	message->magic = MAGIC;
	message->text[0] = '\0';
	message->text_size = 1;
}

/* Where the parts are in the packed form, by the counts of the head; the last is its size. */
struct parts {
	size_t links, limits, text, end;
};

static struct parts parts_of(const struct message *message)
{
	struct parts parts;

	parts.links = offsetof(struct message, mounts) +
		      message->mount_count * sizeof(message->mounts[0]);
	parts.limits = parts.links + message->link_count * sizeof(message->links[0]);
	parts.text = parts.limits + message->limit_count * sizeof(message->limits[0]);
	parts.end = parts.text + message->text_size;
	return parts;
}

static int pack_and_send(int fd, struct message *message)
{
	const struct parts parts = parts_of(message);
	char *bytes = (char *)message;

	memmove(bytes + parts.links, message->links, parts.limits - parts.links);
	memmove(bytes + parts.limits, message->limits, parts.text - parts.limits);
	memmove(bytes + parts.text, message->text, parts.end - parts.text);
	return cs_fd_write_all(fd, message, parts.end);
}

int cs_plan_send(int fd, const struct cs_plan *plan, const struct cs_conf_stamp *stamp)
{
	static struct message message;	/* too large for the stack; one is sent in a process's life */
	int result;

	start(&message);
	message.stamp[0] = stamp->hash[0];
	message.stamp[1] = stamp->hash[1];
	message.linger_ms = plan->linger_ms;
	message.stop_timeout_ms = plan->stop_timeout_ms;
	message.max_sessions = plan->max_sessions;
	message.max_age_ms = plan->max_age_ms;
	message.idle_timeout_ms = plan->idle_timeout_ms;
	message.uid = plan->uid;
	message.gid = plan->gid;
	message.identity = (uint32_t)plan->identity;
	message.root = (uint32_t)plan->root;
	message.writable = (uint32_t)plan->writable;
	message.writable_size = plan->writable_size;
	message.network = (uint32_t)plan->network;
	message.scope = (uint32_t)plan->scope;
	message.recycle = (uint32_t)plan->recycle;
	message.maintenance_sftp = plan->maintenance_sftp;
	message.devices = plan->devices;
	message.allow_root = plan->allow_root;
	message.nested = plan->nested;
	message.seccomp = plan->seccomp;
	message.keep_groups = plan->keep_groups;
	message.limit_count = (uint32_t)plan->limit_count;
	memcpy(message.limits, plan->limits, plan->limit_count * sizeof(plan->limits[0]));
	result = put_texts(&message, plan);
	return result < 0 ? result : pack_and_send(fd, &message);
}

int cs_plan_send_refusal(int fd, const char *what, const char *why)
{
	static struct message message;
	int result;

	start(&message);
	result = put(&message, what, &message.refusal_what);
	if (result == 0)
		result = put(&message, why, &message.refusal_why);
	return result < 0 ? result : pack_and_send(fd, &message);
}

/* ---- receiving ---------------------------------------------------------------- */

static int receive(int fd, int timeout_ms, struct message *ret_message, size_t *ret_size)
{
	size_t used = 0;

	for (;;) {
		ssize_t got;
		int result = cs_fd_wait_readable(fd, timeout_ms);

		if (result < 0)
			return result;
		got = read(fd, (char *)ret_message + used, sizeof(*ret_message) - used);
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == 0)
			break;	/* the sender is done, or more came than a message holds */
		used += got > 0 ? (size_t)got : 0;
	}
	*ret_size = used;
	return 0;
}

/*
 * The @size bytes that have come, each part to its place. False if they are not
 * what the counts of the head say, or if a part has no room.
 */
static bool unpack(struct message *message, size_t size)
{
	const char *bytes = (const char *)message;
	struct parts parts;

	if (size < offsetof(struct message, mounts) || message->magic != MAGIC ||
	    message->mount_count > CS_PLAN_MOUNTS_MAX ||
	    message->link_count > CS_PLAN_LINKS_MAX ||
	    message->limit_count > CS_LIMIT_KINDS || message->text_size == 0 ||
	    message->text_size > sizeof(message->text))
		return false;
	parts = parts_of(message);
	if (parts.end != size)
		return false;
	/* from the last on: each goes to where the one behind it was */
	memmove(message->text, bytes + parts.text, parts.end - parts.text);
	memmove(message->limits, bytes + parts.limits, parts.text - parts.limits);
	memmove(message->links, bytes + parts.links, parts.limits - parts.links);
	return true;
}

/* Every text of a message that passes is one: the last byte of all is NUL. */
static bool is_sound(const struct message *message)
{
	return message->text[0] == '\0' && message->text[message->text_size - 1] == '\0' &&
	       message->identity <= CS_IDENTITY_ROOT && message->root <= CS_ROOT_SQUASHFS &&
	       message->writable <= CS_WRITABLE_PERSISTENT &&
	       message->allow_root <= 1 && message->nested <= 1 && message->seccomp <= CS_SECCOMP_FILE && message->keep_groups <= 1 &&
	       message->network <= CS_NETWORK_NETNS &&
	       message->scope <= CS_SCOPE_SESSION && message->recycle <= CS_RECYCLE_NEVER &&
	       message->devices <= CS_DEVICES_ALL && message->maintenance_sftp <= 1 && message->stop_timeout_ms <= INT_MAX;
}

static int take_text(const struct cs_plan *plan, uint32_t offset, const char **ret_text)
{
	if (offset >= plan->text_size)
		return -EBADMSG;
	*ret_text = plan->text + offset;
	return 0;
}

static int take_path(const struct cs_plan *plan, uint32_t offset, const char **ret_path)
{
	int result = take_text(plan, offset, ret_path);

	if (result < 0)
		return result;
	return cs_strict_is_path(*ret_path) && strlen(*ret_path) < CS_PLAN_PATH_MAX ? 0 : -EBADMSG;
}

static int take_mount(const struct cs_plan *plan, const struct mount_row *row,
		      struct cs_mount *ret_mount)
{
	int result;

	if (row->kind >= CS_MOUNT_KINDS || row->flags > CS_MOUNT_FLAGS_ALL ||
	    (row->mode & ~07777U) != 0)
		return -EBADMSG;
	/* SECURITY: the user would own root's files, as 0 or by a set-uid program. */
	if ((row->flags & CS_MOUNT_IDMAP) != 0 &&
	    (plan->identity != CS_IDENTITY_KEEP || plan->allow_root))
		return -EBADMSG;
	ret_mount->kind = (enum cs_mount_kind)row->kind;
	ret_mount->flags = row->flags;
	ret_mount->mode = row->mode;
	ret_mount->size = row->size;
	ret_mount->origin = NULL;
	result = take_path(plan, row->target, &ret_mount->target);
	if (result < 0)
		return result;
	if (cs_mount_has_source(ret_mount->kind))
		return take_path(plan, row->source, &ret_mount->source);
	return take_text(plan, 0, &ret_mount->source);
}

static int take_rows(const struct message *message, struct cs_plan *plan)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < message->mount_count; i++)
		result = take_mount(plan, &message->mounts[i], &plan->mounts[i]);
	for (size_t i = 0; result == 0 && i < message->link_count; i++) {
		result = take_path(plan, message->links[i].path, &plan->links[i].path);
		if (result == 0)
			result = take_path(plan, message->links[i].target, &plan->links[i].target);
	}
	plan->mount_count = message->mount_count;
	plan->link_count = message->link_count;
	return result;
}

/* A sound one, in which root inside is somebody. */
static int take_map(const char *text)
{
	struct cs_idmap map;
	uint32_t outside;
	int result = cs_idmap_parse(text, &map);

	return result == 0 && !cs_idmap_outside(&map, 0, &outside) ? -EBADMSG : result;
}

/* Maps are there, and sound, if and only if there is a user namespace to have them. */
static int take_maps(const struct message *message, struct cs_plan *plan)
{
	int result = take_text(plan, message->uid_map, &plan->uid_map);

	if (result == 0)
		result = take_text(plan, message->gid_map, &plan->gid_map);
	if (result < 0)
		return result;
	if (plan->identity == CS_IDENTITY_HOST)
		return plan->uid_map[0] == '\0' && plan->gid_map[0] == '\0' && !plan->allow_root ?
		       0 : -EBADMSG;
	result = take_map(plan->uid_map);
	return result < 0 ? result : take_map(plan->gid_map);
}

/* It has its path, and lines of names, if and only if there is one. */
static int take_image(const struct message *message, struct cs_plan *plan)
{
	int result = take_text(plan, message->passwd, &plan->passwd);

	if (result == 0)
		result = take_text(plan, message->group, &plan->group);
	if (result == 0)
		result = take_text(plan, message->image, &plan->image);
	if (result == 0)
		result = take_text(plan, message->root_verity, &plan->root_verity);
	if (result < 0)
		return result;
	/* A digest if any, and of a file: one that nobody looks at would be relied upon. */
	if (plan->root_verity[0] != '\0' &&
	    (!cs_strict_is_verity(plan->root_verity) || plan->root < CS_ROOT_EROFS))
		return -EBADMSG;
	if (plan->root == CS_ROOT_HOST)
		return plan->image[0] == '\0' && plan->passwd[0] == '\0' &&
		       plan->group[0] == '\0' && plan->writable == CS_WRITABLE_NO ? 0 : -EBADMSG;
	return take_path(plan, message->image, &plan->image);
}

/* A name if and only if it is asked for: it becomes the name of a file that root opens. */
static int take_netns(const struct message *message, struct cs_plan *plan)
{
	int result = take_text(plan, message->netns, &plan->netns);

	if (result < 0)
		return result;
	if (plan->network != CS_NETWORK_NETNS)
		return plan->netns[0] == '\0' ? 0 : -EBADMSG;
	return cs_strict_is_netns_name(plan->netns) ? 0 : -EBADMSG;
}

/* A path if and only if there is a file. */
static int take_filter(const struct message *message, struct cs_plan *plan)
{
	int result = take_text(plan, message->seccomp_file, &plan->seccomp_file);

	if (result < 0)
		return result;
	if (plan->seccomp != CS_SECCOMP_FILE)
		return plan->seccomp_file[0] == '\0' ? 0 : -EBADMSG;
	return take_path(plan, message->seccomp_file, &plan->seccomp_file);
}

/* Each of another kind, so that there is one of each. */
static int take_limits(const struct message *message, struct cs_plan *plan)
{
	struct cs_cpus cpus;
	int result = take_text(plan, message->cpuset, &plan->cpuset);

	if (result == 0 && plan->cpuset[0] != '\0' &&
	    (strlen(plan->cpuset) >= CS_CPUS_TEXT_MAX || cs_cpus_parse(plan->cpuset, &cpus) < 0))
		result = -EBADMSG;
	for (size_t i = 0; result == 0 && i < message->limit_count; i++) {
		plan->limits[i] = message->limits[i];
		if (!cs_limit_is_sound(&plan->limits[i]) ||
		    (i > 0 && plan->limits[i].kind <= plan->limits[i - 1].kind))
			result = -EBADMSG;
	}
	plan->limit_count = message->limit_count;
	return result;
}

static int take_plan(const struct message *message, struct cs_plan *plan)
{
	int result;

	memcpy(plan->text, message->text, message->text_size);
	plan->text_size = message->text_size;
	plan->uid = message->uid;
	plan->gid = message->gid;
	plan->identity = (enum cs_identity)message->identity;
	plan->allow_root = message->allow_root != 0;
	plan->nested = message->nested != 0;
	plan->seccomp = (enum cs_seccomp)message->seccomp;
	plan->keep_groups = message->keep_groups != 0;
	plan->root = (enum cs_root)message->root;
	plan->writable = (enum cs_writable)message->writable;
	plan->writable_size = message->writable_size;
	plan->network = (enum cs_network)message->network;
	plan->scope = (enum cs_scope)message->scope;
	plan->recycle = (enum cs_recycle)message->recycle;
	plan->linger_ms = message->linger_ms;
	plan->stop_timeout_ms = message->stop_timeout_ms;
	plan->max_sessions = message->max_sessions;
	plan->max_age_ms = message->max_age_ms;
	plan->idle_timeout_ms = message->idle_timeout_ms;
	plan->maintenance_sftp = message->maintenance_sftp != 0;
	plan->devices = message->devices;
	result = take_path(plan, message->home, &plan->home);
	if (result == 0)
		result = take_path(plan, message->shell, &plan->shell);
	if (result == 0)
		result = take_text(plan, message->user, &plan->user);
	if (result == 0)
		result = take_text(plan, message->class_name, &plan->class_name);
	if (result == 0)
		result = take_text(plan, message->maintenance, &plan->maintenance);
	if (result == 0)
		result = take_text(plan, message->pass_environment, &plan->pass_environment);
	if (result == 0)
		result = take_text(plan, message->fstab, &plan->fstab);
	if (result == 0 && plan->fstab[0] != '\0')
		result = take_path(plan, message->fstab, &plan->fstab);
	if (result == 0)
		result = take_maps(message, plan);
	if (result == 0)
		result = take_image(message, plan);
	if (result == 0)
		result = take_limits(message, plan);
	if (result == 0)
		result = take_netns(message, plan);
	if (result == 0)
		result = take_filter(message, plan);
	if (result == 0 && !cs_strict_is_class_name(plan->class_name))
		result = -EBADMSG;	/* it becomes the name of a directory */
	return result < 0 ? result : take_rows(message, plan);
}

static int take_refusal(const struct message *message, struct cs_plan_refusal *ret_refusal)
{
	if (message->refusal_what >= message->text_size || message->refusal_why >= message->text_size)
		return -EBADMSG;
	snprintf(ret_refusal->what, sizeof(ret_refusal->what), "%s",
		 message->text + message->refusal_what);
	snprintf(ret_refusal->why, sizeof(ret_refusal->why), "%s",
		 message->text + message->refusal_why);
	return -ECANCELED;
}

int cs_plan_receive(int fd, int timeout_ms, struct cs_plan *ret_plan,
		    struct cs_conf_stamp *ret_stamp, struct cs_plan_refusal *ret_refusal)
{
	static struct message message;
	size_t size;
	int result = receive(fd, timeout_ms, &message, &size);

	if (result < 0)
		return result;
	if (size == 0)
		return -EPIPE;
	if (!unpack(&message, size) || !is_sound(&message))
		return -EBADMSG;
	if (message.refusal_what != 0)
		return take_refusal(&message, ret_refusal);
	ret_stamp->hash[0] = message.stamp[0];
	ret_stamp->hash[1] = message.stamp[1];
	return take_plan(&message, ret_plan);
}
