/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * network = netns:NAME: a network namespace that the administrator has made, with
 * "ip netns add NAME". ip-netns(8) has the places: /run/netns/NAME, and for who
 * lives in it /etc/netns/NAME/resolv.conf.
 *
 * Set-uid, real root. Changes nothing in the namespace: devices, addresses and
 * rules are the administrator's.
 */
#include <errno.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "fd.h"
#include "network.h"
#include "sys.h"
#include "trust.h"

#ifndef CS_NETNS_DIR
#define CS_NETNS_DIR "/run/netns"
#define CS_NETNS_ETC "/etc/netns"
#endif
#define INITIAL_USER_NAMESPACE 0xeffffffdU	/* PROC_USER_INIT_INO, linux/proc_ns.h */

/*
 * SECURITY: of the initial user namespace. Whoever owns another one would have
 * every capability over the network of all that is put into it.
 */
static int check_owner(int netns_fd)
{
	cs_autoclose int owner_fd = ioctl(netns_fd, NS_GET_USERNS);
	struct stat info;

	if (owner_fd < 0 || fstat(owner_fd, &info) < 0)
		return -errno;
	return info.st_ino == INITIAL_USER_NAMESPACE ? 0 : -EPERM;
}

static int find_netns(const char *name, int *ret_fd)
{
	cs_autoclose int directory = -1;
	cs_autoclose int fd = -1;
	struct statfs info;
	const char *why;
	/* Who can write there says what is below a name. */
	int result = cs_trust_open_dir(CS_NETNS_DIR, &directory, &why);

	if (result < 0)
		return result;
	/* Neither followed nor waited for, whatever it is. */
	fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || fstatfs(fd, &info) < 0)
		return -errno;
	/* A file that is left when the namespace is not mounted on it is none. */
	if (info.f_type != NSFS_MAGIC || ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		return -ENOENT;
	result = check_owner(fd);
	if (result < 0)
		return result;
	*ret_fd = cs_fd_steal(&fd);
	return 0;
}

void cs_network_resolver(const char *name, char *ret_path, size_t size)
{
	snprintf(ret_path, size, CS_NETNS_ETC "/%s/resolv.conf", name);	/* fits */
}

/* There need not be one: then /etc/resolv.conf is the host's. In an image etc.c writes it. */
static int find_resolver(const char *name, int *ret_tree)
{
	const struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
			    MOUNT_ATTR_NOEXEC,
	};
	char path[CS_NETWORK_RESOLVER_MAX];
	cs_autoclose int fd = -1;
	cs_autoclose int tree = -1;
	const char *why;
	int result;

	cs_network_resolver(name, path, sizeof(path));
	result = cs_trust_open_file(path, &fd, &why);
	if (result < 0)
		return result == -ENOENT ? 0 : result;
	tree = cs_sys_open_tree(fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0)
		return tree;
	result = cs_sys_mount_setattr(tree, AT_EMPTY_PATH, &attr);
	if (result < 0)
		return result;
	*ret_tree = cs_fd_steal(&tree);
	return 0;
}

static int find(const struct cs_plan *plan, struct cs_run *run)
{
	int result;

	run->detail = plan->netns;
	result = find_netns(plan->netns, &run->network_fd);
	if (result < 0 || plan->root != CS_ROOT_HOST)
		return result;
	return find_resolver(plan->netns, &run->resolver_fd);
}

static int enter(const struct cs_plan *plan, struct cs_run *run)
{
	(void)plan;
	return setns(run->network_fd, CLONE_NEWNET) < 0 ? -errno : 0;
}

const struct cs_network_kind cs_network_netns = {
	.word = "netns:",
	.find = find,
	.set_up = enter,
};
