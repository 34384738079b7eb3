#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

linux_peer_credentials linux_peer_credentials_of(int socket) {
    linux_peer_credentials result = {0, -1, UINT32_MAX, UINT32_MAX};
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) {
        result.error = errno;
        return result;
    }
    result.process = credentials.pid;
    result.user = credentials.uid;
    result.group = credentials.gid;
    return result;
}

int linux_is_listening_socket(int descriptor) {
    int value = 0;
    socklen_t length = sizeof value;
    if (getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &value, &length) != 0 || value != SOCK_STREAM) return 0;
    length = sizeof value;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) != 0) return 0;
    return value != 0;
}

int linux_set_parent_death_signal(int signal, int32_t expected_parent) {
    if (prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0) != 0) return errno;
    // The parent may have died between fork and prctl; then no signal would ever come.
    return getppid() == expected_parent ? 0 : ESRCH;
}

int linux_lower_priority(int nice_value) {
    int first = 0;
    if (setpriority(PRIO_PROCESS, 0, nice_value) != 0) first = errno;
    struct sched_param parameters = {0};
    if (sched_setscheduler(0, SCHED_BATCH, &parameters) != 0 && first == 0) first = errno;
    // ioprio_set(IOPRIO_WHO_PROCESS, self, class idle); glibc has no wrapper and no constants.
    if (syscall(SYS_ioprio_set, 1, 0, 3 << 13) != 0 && first == 0) first = errno;
    return first;
}

int linux_set_group_nice_value(int32_t process_group, int nice_value) {
    return setpriority(PRIO_PGRP, (id_t)process_group, nice_value) == 0 ? 0 : errno;
}

int linux_limit_data_bytes(uint64_t bytes) {
    struct rlimit limit = {bytes, bytes};
    return setrlimit(RLIMIT_DATA, &limit) == 0 ? 0 : errno;
}

int64_t linux_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
    if (limit.rlim_cur < limit.rlim_max) {
        rlim_t former = limit.rlim_cur;
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = former;
    }
    return limit.rlim_cur > INT32_MAX ? INT32_MAX : (int64_t)limit.rlim_cur;
}

int linux_set_out_of_memory_score(int adjustment) {
    int descriptor = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return errno;
    char text[16];
    int length = snprintf(text, sizeof text, "%d", adjustment);
    int result = write(descriptor, text, (size_t)length) == length ? 0 : errno;
    close(descriptor);
    return result;
}

int linux_forbid_core_dumps(void) {
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : errno;
}

int linux_synchronise(const char *path) {
    int descriptor;
    do descriptor = open(path, O_RDONLY | O_CLOEXEC);
    while (descriptor < 0 && errno == EINTR);
    if (descriptor < 0) return errno;
    // A failed fsync is never tried again: the kernel has dropped the pages it could not write.
    int result = fsync(descriptor) == 0 ? 0 : errno;
    close(descriptor);
    return result;
}

int linux_rename_durably(const char *from, const char *to) {
    if (rename(from, to) != 0) return errno;
    char *copy = strdup(to);
    if (copy == NULL) return ENOMEM;
    int result = linux_synchronise(dirname(copy));
    free(copy);
    return result;
}

int linux_rename_without_replacing(const char *from, const char *to) {
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0 ? 0 : errno;
}

int linux_set_close_on_exec(int descriptor, int enabled) {
    int flags = fcntl(descriptor, F_GETFD);
    if (flags < 0) return errno;
    flags = enabled ? flags | FD_CLOEXEC : flags & ~FD_CLOEXEC;
    return fcntl(descriptor, F_SETFD, flags) == 0 ? 0 : errno;
}

int64_t linux_resident_bytes(void) {
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL) return -1;
    long long total = 0, resident = -1;
    if (fscanf(file, "%lld %lld", &total, &resident) != 2) resident = -1;
    fclose(file);
    return resident < 0 ? -1 : (int64_t)resident * sysconf(_SC_PAGESIZE);
}

static volatile sig_atomic_t termination_noted;

static void note_termination(int signal) {
    (void)signal;
    termination_noted = 1;
}

void linux_note_termination(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note_termination;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    // Whoever started this process may have blocked them.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_UNBLOCK, &signals, NULL);
}

int linux_termination_noted(void) {
    return termination_noted;
}
