/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plan_given: the mounts that the configuration asks for, put into a plan.
 *
 * Floor 1. Runs as root in the planner and as anyone in --explain. Must not touch
 * a file: what the host has at a source is found out when the plan is carried out.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conf_keys.h"
#include "mount_text.h"
#include "plan_given.h"
#include "strict.h"

/* So much is left for what the helper is told beside these paths. */
#define TEXT_MAX (CS_PLAN_TEXT_MAX - 8192)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What the container has at these is a start that may be exchanged for another. */
static const char *const exchangeable[] = {
	"/dev/shm", "/home", "/media", "/mnt", "/opt", "/srv", "/tmp",
	"/var/cache", "/var/log", "/var/spool", "/var/tmp",
};

/* What is being added, and where a problem goes. */
struct given {
	const struct cs_conf_class *class;
	const struct cs_conf_mount *mount;
	const struct cs_user *user;
	struct cs_plan *plan;
	char *error;
	size_t error_size;
};

static int refuse(const struct given *given, const char *path, const char *what)
{
	const struct cs_conf_mount *mount = given->mount;
	char shown[160];

	cs_strict_escape(path, strlen(path), shown, sizeof(shown));
	(void)snprintf(given->error, given->error_size, "%s:%u: [%s] %s: %s %s",	/* may be cut */
		       mount->where.file ? mount->where.file : "", mount->where.line,
		       given->class->name, cs_conf_keys_at(mount->key)->name, shown, what);
	return -EINVAL;
}

/* No mount in itself, but something that hides nothing and has its place at the end. */
static bool is_layer(enum cs_mount_kind kind)
{
	return kind == CS_MOUNT_LOWER || kind == CS_MOUNT_UPPER || kind == CS_MOUNT_WORK;
}

/* A hidden path is last of all, as it hides what is there by then. */
static bool is_mount(enum cs_mount_kind kind)
{
	return !is_layer(kind) && kind != CS_MOUNT_HIDE;
}

/* The first that lies at @target or below it, or the end. Each login does this for each mount. */
static size_t find_within(const struct cs_plan *plan, const char *target)
{
	const size_t length = strlen(target);
	size_t at = 0;

	for (; at < plan->mount_count; at++) {
		const char *other = plan->mounts[at].target;

		if (strncmp(other, target, length) == 0 &&
		    (other[length] == '\0' || other[length] == '/') &&
		    is_mount(plan->mounts[at].kind))
			break;
	}
	return at;
}

/* False if the plan is full. */
static bool insert(struct cs_plan *plan, size_t at, const struct cs_mount *mount)
{
	if (plan->mount_count == CS_PLAN_MOUNTS_MAX)
		return false;
	memmove(&plan->mounts[at + 1], &plan->mounts[at],
		(plan->mount_count - at) * sizeof(plan->mounts[0]));
	plan->mounts[at] = *mount;
	plan->mount_count++;
	return true;
}

/* A copy in the plan, or NULL when its texts are full. */
static const char *keep(struct cs_plan *plan, const char *text)
{
	const size_t size = strlen(text) + 1;
	char *copy = plan->text + plan->text_size;

	if (plan->text_size + size > TEXT_MAX)
		return NULL;
	memcpy(copy, text, size);
	plan->text_size += size;
	return copy;
}

/* Through the links that the container has of its own: /var/run/x is /run/x. */
static void follow_links(const struct cs_plan *plan, char *path, size_t size)
{
	char rest[CS_PLAN_PATH_MAX];

	for (size_t i = 0; i < plan->link_count; i++) {
		const struct cs_link *link = &plan->links[i];

		if (!cs_strict_path_within(path, link->path))
			continue;
		(void)snprintf(rest, sizeof(rest), "%s", path + strlen(link->path));
		/* no longer than it was: no link of ours leads to a longer path */
		(void)snprintf(path, size, "%s%s", link->target, rest);
	}
}

/* @text with the user's words in it, which is of that form; *@ret_path is the plan's. */
static int expand(const struct given *given, const char *text,
		  const char *(*rule)(const char *path), const char **ret_path)
{
	char path[CS_PLAN_PATH_MAX];
	const char *fault;
	int err = cs_mount_text_expand(text, given->user, path, sizeof(path));

	if (err == -ENAMETOOLONG)
		return refuse(given, text, "is longer than 1023 bytes for this user");
	if (err < 0)
		return refuse(given, text, "is no plain path for this user");
	if (rule != cs_mount_text_source_fault)
		follow_links(given->plan, path, sizeof(path));
	fault = rule(path);
	if (fault)
		return refuse(given, path, fault);
	*ret_path = keep(given->plan, path);
	return *ret_path ? 0 : refuse(given, path, "is too much: the paths have 56K in all");
}

/* The plan's own mount at @target may be exchanged for @mount, or nothing can be there. */
static int exchange(const struct given *given, struct cs_mount *there,
		    const struct cs_mount *mount)
{
	if (there->flags & CS_MOUNT_GIVEN)
		return refuse(given, mount->target, "is mounted twice");
	if (there->flags & (CS_MOUNT_AS_USER | CS_MOUNT_SKEL))
		return refuse(given, mount->target, "is the user's home");
	for (size_t i = 0; i < COUNT(exchangeable); i++) {
		if (strcmp(exchangeable[i], mount->target) == 0) {
			*there = *mount;
			return 0;
		}
	}
	return refuse(given, mount->target, "is the container's own");
}

/* Is it a tree of the host's that somebody may be changing meanwhile? */
static bool is_hosts(const struct cs_mount *mount)
{
	return mount->kind == CS_MOUNT_PRIVATE_HOME || cs_mount_is_image(mount->kind) ||
	       ((mount->kind == CS_MOUNT_BIND || mount->kind == CS_MOUNT_OVERLAY) &&
		mount->flags & (CS_MOUNT_GIVEN | CS_MOUNT_AS_USER));
}

/*
 * SECURITY: what is on the host is the host's: no mount point is made there, and
 * no link is followed, as the user may have put it there. Whose a place is, the
 * deepest mount before it says, which is the last one that it lies in.
 */
static void mark_places(struct cs_plan *plan)
{
	size_t lengths[CS_PLAN_MOUNTS_MAX];

	for (size_t i = 0; i < plan->mount_count; i++) {
		const char *target = plan->mounts[i].target;
		bool in_place = false;

		lengths[i] = strlen(target);
		for (size_t k = 0; k < i; k++) {
			const struct cs_mount *mount = &plan->mounts[k];

			if (lengths[k] < lengths[i] && target[lengths[k]] == '/' &&
			    mount->kind != CS_MOUNT_DIR && is_mount(mount->kind) &&
			    memcmp(target, mount->target, lengths[k]) == 0)
				in_place = is_hosts(mount);
		}
		if (in_place && !is_layer(plan->mounts[i].kind))
			plan->mounts[i].flags |= CS_MOUNT_IN_PLACE;
	}
}

static int add(const struct given *given)
{
	const struct cs_conf_mount *asked = given->mount;
	struct cs_mount mount = {
		.kind = asked->kind, .flags = asked->flags, .mode = asked->mode,
		.size = asked->size, .source = "", .origin = &asked->where,
	};
	size_t at = given->plan->mount_count;	/* a layer is no mount and hides nothing */
	int err = 0;

	if (asked->source[0])
		err = expand(given, asked->source, cs_mount_text_source_fault, &mount.source);
	if (err == 0)
		err = expand(given, asked->target, asked->kind == CS_MOUNT_HIDE ?
			     cs_mount_text_hidden_fault : cs_mount_text_target_fault, &mount.target);
	if (err < 0)
		return err;
	if (is_mount(mount.kind))
		at = find_within(given->plan, mount.target);
	if (at < given->plan->mount_count &&
	    strcmp(given->plan->mounts[at].target, mount.target) == 0)
		return exchange(given, &given->plan->mounts[at], &mount);
	/* Before what is mounted below it, so that it hides nothing, and after all else. */
	return insert(given->plan, at, &mount) ? 0 :
	       refuse(given, mount.target, "is one mount too many");
}

int cs_plan_add_given(const struct cs_conf_class *class, const struct cs_user *user,
		      struct cs_plan *plan, char *ret_error, size_t error_size)
{
	struct given given = {
		.class = class, .user = user, .plan = plan, .error = ret_error,
		.error_size = error_size,
	};
	int err = 0;

	/* SECURITY: lines that nobody has read are no lines that say nothing. */
	if (class->fstab && class->fstab[0] && !class->fstab_taken) {
		(void)snprintf(ret_error, error_size, "%s: has not been read", class->fstab);
		return -EINVAL;
	}
	if (class->mount_count == 0)
		return 0;
	for (size_t i = 0; err == 0 && i < class->mount_count; i++) {
		given.mount = &class->mounts[i];
		if (given.mount->kind != CS_MOUNT_HIDE)
			err = add(&given);
	}
	for (size_t i = 0; err == 0 && i < class->mount_count; i++) {
		given.mount = &class->mounts[i];
		if (given.mount->kind == CS_MOUNT_HIDE)
			err = add(&given);
	}
	mark_places(plan);
	return err;
}
