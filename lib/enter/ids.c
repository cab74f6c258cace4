/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ids: see ids.h. Written against capabilities(7), credentials(7), setresuid(2). */
#include "ids.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys.h"

#define GROUPS_CHECKED 64

struct capability_sets {
	uint64_t effective, permitted, inheritable;
};

static int capabilities_set(uint64_t permitted)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	for (size_t i = 0; i < 2; i++) {
		data[i].effective = (uint32_t)(permitted >> (32 * i));
		data[i].permitted = data[i].effective;
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

static int capabilities_get(struct capability_sets *ret_sets)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	ret_sets->effective = data[0].effective | (uint64_t)data[1].effective << 32;
	ret_sets->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	ret_sets->inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
	return 0;
}

/* EINVAL is the documented end of the kernel's list. */
static int end_of_list(unsigned long capability)
{
	return errno == EINVAL && capability > CAP_AUDIT_CONTROL ? 0 : -errno;
}

/* Not looking first what is held: a drop costs 1.4 us, a look 0.4 (Linux 6.18). */
int cs_ids_limit(uint64_t keep)
{
	for (unsigned long capability = 0; capability < 64; capability++)
		if ((keep & CS_IDS_CAP(capability)) == 0 &&
		    prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
			return end_of_list(capability);
	return 0;
}

/* What has not been dropped yet, and that all has been. */
static int limit_and_verify(uint64_t keep)
{
	for (unsigned long capability = 0; capability < 64; capability++) {
		int held = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);

		if (held < 0)
			return end_of_list(capability);
		if (held == 0 || (keep & CS_IDS_CAP(capability)) != 0)
			continue;
		if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
			return -errno;
		if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) != 0)
			return -EPERM;
	}
	return 0;
}

/* The ambient set lies within the inheritable one, capabilities(7): empty with it. */
static int capabilities_verify(uint64_t keep)
{
	struct capability_sets sets = { 0 };
	int result;

	result = capabilities_get(&sets);
	if (result < 0)
		return result;
	return sets.effective == keep && sets.permitted == keep && sets.inheritable == 0 ?
	       0 : -EPERM;
}

static int no_new_privileges(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : -EPERM;
}

static bool groups_are(const struct cs_ids *ids)
{
	gid_t held[GROUPS_CHECKED];
	int count = getgroups(0, NULL);

	if (count < 0 || (size_t)count != ids->group_count)
		return false;
	if (count == 0 || count > GROUPS_CHECKED)
		return true;	/* setgroups(2) took the list whole; the count agrees */
	if (getgroups(GROUPS_CHECKED, held) != count)
		return false;
	/* The kernel keeps the list sorted: each must be found, in any order. */
	for (size_t i = 0; i < ids->group_count; i++) {
		bool found = false;

		for (int k = 0; k < count && !found; k++)
			found = held[k] == ids->groups[i];
		if (!found)
			return false;
	}
	return true;
}

static int ids_verify(const struct cs_ids *ids)
{
	uid_t real_uid, effective_uid, saved_uid;
	gid_t real_gid, effective_gid, saved_gid;

	if (getresuid(&real_uid, &effective_uid, &saved_uid) < 0 ||
	    getresgid(&real_gid, &effective_gid, &saved_gid) < 0)
		return -errno;
	if (real_uid != ids->uid || effective_uid != ids->uid || saved_uid != ids->uid ||
	    real_gid != ids->gid || effective_gid != ids->gid || saved_gid != ids->gid ||
	    !groups_are(ids))
		return -EPERM;
	/* SECURITY: a drop that can be undone is none (setresuid(2), bubblewrap CVE-2020-5291). */
	if (cs_sys_setresuid((uid_t)-1, 0, (uid_t)-1) == 0 ||
	    cs_sys_setresgid((gid_t)-1, 0, (gid_t)-1) == 0)
		return ids->gid == 0 && geteuid() == ids->uid ? 0 : -EPERM;
	return 0;
}

static int ids_set(const struct cs_ids *ids)
{
	int result;

	/* SECURITY: uid 0 is never a user's: nothing here could be undone if it were. */
	if (ids->uid == 0 || ids->uid == (uid_t)-1 || ids->gid == (gid_t)-1)
		return -EINVAL;
	result = cs_sys_setgroups(ids->group_count, ids->groups);
	if (result == 0)
		result = cs_sys_setresgid(ids->gid, ids->gid, ids->gid);
	if (result == 0)
		result = cs_sys_setresuid(ids->uid, ids->uid, ids->uid);
	return result;
}

int cs_ids_be_root(void)
{
	uid_t real, effective, saved;
	int result = cs_sys_setresgid(0, 0, 0);

	if (result == 0)
		result = cs_sys_setresuid(0, 0, 0);
	if (result == 0)
		result = cs_sys_setgroups(0, NULL);
	if (result < 0)
		return result;
	if (getresuid(&real, &effective, &saved) < 0)
		return -errno;
	return real == 0 && effective == 0 && saved == 0 ? 0 : -EPERM;
}

int cs_ids_make_as(uid_t uid, gid_t gid)
{
	struct capability_sets sets = { 0 };
	int result = capabilities_get(&sets);

	if (result < 0)
		return result;
	(void)setfsgid(gid);	/* they return what it was, and have no error: asked below */
	(void)setfsuid(uid);
	if ((uid_t)setfsuid((uid_t)-1) != uid || (gid_t)setfsgid((gid_t)-1) != gid)
		return -EPERM;
	/* The change took the capabilities that are about files from the effective set. */
	return capabilities_set(sets.permitted);
}

int cs_ids_assume(const struct cs_ids *ids)
{
	int result = cs_sys_setgroups(ids->group_count, ids->groups);

	if (result == 0)
		result = cs_sys_setresgid((gid_t)-1, ids->gid, (gid_t)-1);
	if (result == 0)
		result = cs_sys_setresuid((uid_t)-1, ids->uid, (uid_t)-1);
	if (result < 0)
		return result;
	return geteuid() == ids->uid && getegid() == ids->gid ? 0 : -EPERM;
}

int cs_ids_regain_root(void)
{
	int result = cs_sys_setresuid((uid_t)-1, 0, (uid_t)-1);

	if (result == 0)
		result = cs_sys_setresgid((gid_t)-1, 0, (gid_t)-1);
	if (result == 0)
		result = cs_sys_setgroups(0, NULL);
	if (result < 0)
		return result;
	return geteuid() == 0 && getegid() == 0 ? 0 : -EPERM;
}

int cs_ids_drop(const struct cs_ids *ids)
{
	int result;

	result = ids_set(ids);
	if (result < 0)
		return result;
	result = capabilities_set(0);
	if (result < 0)
		return result;
	/* The change of ids made us undumpable only if fs.suid_dumpable is 0. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	result = capabilities_verify(0);
	return result < 0 ? result : ids_verify(ids);
}

int cs_ids_become(const struct cs_ids *ids)
{
	int result;

	/* Needs CAP_SETPCAP, so it comes before the change of ids. */
	result = limit_and_verify(0);
	if (result < 0)
		return result;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return -errno;
	result = no_new_privileges();
	if (result < 0)
		return result;
	result = ids_set(ids);
	if (result < 0)
		return result;
	/* SECURITY: with fs.suid_dumpable=1 the user's code inside could trace us until the exec. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	/* Not left to setresuid(2): in a user namespace it keeps them. */
	result = capabilities_set(0);
	if (result < 0)
		return result;
	result = capabilities_verify(0);
	return result < 0 ? result : ids_verify(ids);
}

int cs_ids_take_groups(const struct cs_ids *ids)
{
	int result = cs_sys_setgroups(ids->group_count, ids->groups);

	if (result < 0)
		return result;
	return groups_are(ids) ? 0 : -EPERM;
}

/* All that the kernel knows are in the bounding set, or none is. */
static int bounding_verify(bool whole)
{
	for (unsigned long capability = 0; capability < 64; capability++) {
		int held = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);

		if (held < 0)
			return end_of_list(capability);
		if ((held != 0) != whole)
			return -EPERM;
	}
	return 0;
}

/* Every id, and that there is no way to another, were it the container's root. */
static int inside_verify(uid_t uid, gid_t gid)
{
	uid_t uids[3];
	gid_t gids[3];

	if (getresuid(&uids[0], &uids[1], &uids[2]) < 0 ||
	    getresgid(&gids[0], &gids[1], &gids[2]) < 0)
		return -errno;
	for (size_t i = 0; i < 3; i++)
		if (uids[i] != uid || gids[i] != gid)
			return -EPERM;
	if (cs_sys_setresuid((uid_t)-1, uid == 0 ? 1 : 0, (uid_t)-1) == 0 ||
	    cs_sys_setresgid((gid_t)-1, gid == 0 ? 1 : 0, (gid_t)-1) == 0)
		return -EPERM;
	return 0;
}

int cs_ids_become_inside(uid_t uid, gid_t gid, bool has_rights)
{
	int result;

	/* The kernel gave us all there is when we entered: the bounding set, too. */
	result = has_rights ? 0 : cs_ids_limit(0);
	if (result < 0)
		return result;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return -errno;
	result = has_rights ? 0 : no_new_privileges();
	if (result < 0)
		return result;
	if (uid == (uid_t)-1 || gid == (gid_t)-1)
		return -EINVAL;
	result = cs_sys_setresgid(gid, gid, gid);
	if (result == 0)
		result = cs_sys_setresuid(uid, uid, uid);
	if (result < 0)
		return result;
	/* SECURITY: as in cs_ids_become(); here the container's root would be the tracer. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	/* SECURITY: root of the host is not this namespace's: setresuid(2) took none of them away. */
	result = capabilities_set(0);
	if (result == 0)
		result = capabilities_verify(0);
	if (result == 0)
		result = bounding_verify(has_rights);
	return result < 0 ? result : inside_verify(uid, gid);
}

int cs_ids_keep_only(uint64_t keep)
{
	int result;

	result = cs_ids_limit(keep);
	if (result == 0)
		result = limit_and_verify(keep);
	if (result < 0)
		return result;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return -errno;
	result = no_new_privileges();
	if (result < 0)
		return result;
	result = capabilities_set(keep);
	return result < 0 ? result : capabilities_verify(keep);
}
