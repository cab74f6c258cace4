/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mount_text: the paths of the mounts that a configuration asks for: what they
 * may have in them, and which are refused.
 *
 * Floor 1. Runs as root in the planner and as anyone in --check-config. Must not
 * look at the system.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "mount_text.h"
#include "strict.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct rule {
	const char *path;	/* it and all below it */
	const char *why;
};

/* Append the @length bytes at @text; false if there is no room. */
static bool append(char *path, size_t size, size_t *used, const char *text, size_t length)
{
	if (length >= size - *used)
		return false;
	memcpy(path + *used, text, length);
	*used += length;
	path[*used] = '\0';
	return true;
}

/* What the word of @letter stands for, or NULL. */
static const char *word_of(char letter, const struct cs_user *user, const char *uid)
{
	switch (letter) {
	case 'u':
		return user->name;
	case 'h':
		return user->home;
	case 'U':
		return uid;
	case '%':
		return "%";
	default:
		return NULL;
	}
}

int cs_mount_text_expand(const char *text, const struct cs_user *user, char *ret_path,
			 size_t size)
{
	char uid[16];
	size_t used = 0;

	ret_path[0] = '\0';
	(void)snprintf(uid, sizeof(uid), "%u", user->uid);	/* always fits */
	for (;;) {
		const size_t plain = strcspn(text, "%");
		const char *word;

		if (!append(ret_path, size, &used, text, plain))
			return -ENAMETOOLONG;
		text += plain;
		if (*text == '\0')
			break;
		word = word_of(text[1], user, uid);
		if (!word)
			return -EINVAL;
		if (!append(ret_path, size, &used, word, strlen(word)))
			return -ENAMETOOLONG;
		text += 2;
	}
	return cs_strict_is_path(ret_path) ? 0 : -EINVAL;
}

/* Has @text a % that is no word, or a %h that is not the whole start of it? */
static const char *word_fault(const char *text)
{
	for (const char *at = strchr(text, '%'); at; at = strchr(at + 2, '%')) {
		if (at[1] == '\0' || !strchr("uhU%", at[1]))
			return "has a % that is none of %u, %h, %U and %%";
		if (at[1] == 'h' && (at != text || (at[2] != '/' && at[2] != '\0')))
			return "has a %h that is not the start of the path";
	}
	return NULL;
}

const char *cs_mount_text_fault(const char *text)
{
	char home[] = "/home/user", path[PATH_MAX];
	const struct cs_user example = { .uid = 1000, .name = "user", .home = home };
	const char *fault = word_fault(text);

	if (fault)
		return fault;
	if (cs_mount_text_expand(text, &example, path, sizeof(path)) < 0)
		return "is not an absolute path without .., // and control characters";
	return NULL;
}

/* The reason of the first rule that @path lies in. */
static const char *find_rule(const struct rule *rules, size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++) {
		if (cs_strict_path_within(path, rules[i].path))
			return rules[i].why;
	}
	return NULL;
}

/*
 * SECURITY: what shows processes of the host, its devices, or a socket by which
 * a process is started outside, is no matter of file modes: the user who may
 * not go there from inside could do there what the container is to prevent.
 */
const char *cs_mount_text_source_fault(const char *path)
{
	static const char socket[] = "has sockets by which a process is started outside";
	static const struct rule rules[] = {
		{ "/proc", "shows the processes outside" },
		{ "/sys", "is the kernel's, and the container has its own" },
		{ "/dev", "has the devices of the host" },
		{ "/run/user", socket },	{ "/run/systemd", socket },
		{ "/run/dbus", socket },	{ "/run/docker", socket },
		{ "/run/docker.sock", socket }, { "/run/containerd", socket },
		{ "/run/podman", socket },	{ "/run/crio", socket },
		{ "/run/libvirt", socket },	{ "/run/lxd", socket },
		{ "/run/snapd.socket", socket }, { "/run/at-spi", socket },
		{ "/run/container-shell", "is what the containers are known by" },
	};

	if (strcmp(path, "/") == 0)
		return "is all of the host, its sockets and other homes too";
	if (cs_strict_path_within(path, "/var/run"))	/* a link to /run, on every host */
		path += strlen("/var");
	if (strcmp(path, "/run") == 0)
		return socket;
	return find_rule(rules, COUNT(rules), path);
}

const char *cs_mount_text_target_fault(const char *path)
{
	static const char own[] = "is the container's own";
	static const struct rule rules[] = {
		{ "/proc", own }, { "/sys", own }, { "/run/host", own }, { "/run/user", own },
	};

	if (strcmp(path, "/") == 0)
		return "is the root of all mounts";
	if (cs_strict_path_within(path, "/dev") && !cs_strict_path_within(path, "/dev/shm"))
		return own;
	return find_rule(rules, COUNT(rules), path);
}

const char *cs_mount_text_hidden_fault(const char *path)
{
	if (strcmp(path, "/") == 0)
		return "is all that there is";
	/* what the session is started by, and what it is told */
	if (strcmp(path, "/dev") == 0 || strcmp(path, "/run") == 0 ||
	    cs_strict_path_within(path, "/run/host"))
		return "is what the container is made with";
	return NULL;
}
