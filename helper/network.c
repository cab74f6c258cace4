/* SPDX-License-Identifier: GPL-3.0-or-later */
/* network: see network.h. */
#include "network.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "fd.h"
#include "sys.h"

/* The host's: what is there stays as it is. */
static const struct cs_network_kind host = { .word = "host" };

static const struct cs_network_kind *const kinds[] = {
	[CS_NETWORK_HOST] = &host,
	[CS_NETWORK_NONE] = &cs_network_none,
	[CS_NETWORK_NETNS] = &cs_network_netns,
};

uint64_t cs_network_namespaces(const struct cs_plan *plan)
{
	return kinds[plan->network]->namespaces;
}

size_t cs_network_print(const struct cs_plan *plan, char *ret_text, size_t size)
{
	return (size_t)snprintf(ret_text, size, "%s%s", kinds[plan->network]->word, plan->netns);
}

int cs_network_find(const struct cs_plan *plan, struct cs_run *run)
{
	const struct cs_network_kind *kind = kinds[plan->network];

	return kind->find != NULL ? kind->find(plan, run) : 0;
}

int cs_network_set_up(const struct cs_plan *plan, struct cs_run *run)
{
	const struct cs_network_kind *kind = kinds[plan->network];

	return kind->set_up != NULL ? kind->set_up(plan, run) : 0;
}

/*
 * The host's /etc/resolv.conf may be a link into /run, to a file that is not
 * there in a container with a network of its own: then the file is made, empty,
 * to be covered. Only root can have put that link there.
 */
static int open_place(int root_fd)
{
	static const char *const directories[] = {
		"run/systemd", "run/systemd/resolve", "run/resolvconf", "run/NetworkManager",
	};
	static const char path[] = "etc/resolv.conf";
	int fd = cs_sys_openat2(root_fd, path, O_PATH, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);

	if (fd != -ENOENT)
		return fd;
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
		if (mkdirat(root_fd, directories[i], 0755) < 0 && errno != EEXIST)
			return -errno;
	return cs_sys_openat2(root_fd, path, O_RDONLY | O_CREAT,
			      RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

int cs_network_place_resolver(const struct cs_plan *plan, struct cs_run *run)
{
	cs_autoclose int place = -1;

	(void)plan;
	if (run->resolver_fd < 0)
		return 0;
	place = open_place(run->root_fd);
	return place < 0 ? place : cs_sys_move_mount(run->resolver_fd, place, "");
}
