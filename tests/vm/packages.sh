# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034
# What has to be installed where. Sourced by check, image and nothing else, so
# that the machine that runs the tests and the build roots cannot drift apart.

# To build the project and run its unit tests: here and in the build roots.
BUILD_PACKAGES='build-essential autoconf automake pkg-config libiniparser-dev
	libseccomp-dev libsubid-dev libpam0g-dev musl-tools mandoc'

# What the unit tests run or look at: here only. Without one, a test is skipped or fails.
UNIT_PACKAGES='git python3 strace procps openssh-sftp-server squashfs-tools zsh fish'

# To fuzz: here only. libFuzzer and the sanitizers are clang's, of its version.
FUZZ_PACKAGES='clang libclang-rt-14-dev'

# To make and drive the virtual machines: here only.
DRIVER_PACKAGES='qemu-system-x86 mmdebstrap debian-archive-keyring e2fsprogs
	squashfs-tools erofs-utils
	python3 python3-pytest python3-pexpect openssh-client rsync git
	util-linux ca-certificates'

# What a login host has: in the virtual machines. libiniparser-dev and
# libsubid-dev stand for the run-time libraries, whose names differ between the distributions.
GUEST_PACKAGES='linux-image-cloud-amd64 initramfs-tools lz4 systemd systemd-sysv
	systemd-resolved libpam-systemd libnss-systemd dbus udev openssh-server
	openssh-client openssh-sftp-server rsync git tmux vim-tiny procps cron
	util-linux login passwd iproute2 acl strace python3-minimal python3
	libiniparser-dev libsubid-dev adduser keyutils kmod less xauth x11-utils bubblewrap fsverity e2fsprogs'

# What a container's own system has, where it is not the host's.
USERLAND_PACKAGES='sudo openssh-sftp-server rsync procps bubblewrap podman crun'
