/// What Linux offers and Glibc's Swift face hides, as plain functions of integers.
///
/// Every function that returns `int` answers 0 or an `errno` value, unless it says otherwise.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Who holds the other end of a Unix socket, as the kernel recorded it when the connection was made.
typedef struct {
    /// 0, or the `errno` that made the rest meaningless.
    int error;
    int32_t process;
    uint32_t user;
    uint32_t group;
} linux_peer_credentials;

linux_peer_credentials linux_peer_credentials_of(int socket);

/// Whether `descriptor` is a stream socket in the listening state: 1 yes, 0 no (or not a socket at all).
int linux_is_listening_socket(int descriptor);

/// Has `signal` sent to this process when the *thread* that forked it ends. Returns `ESRCH` when the parent has gone
/// already (its process id is not `expected_parent`): the caller should leave then.
int linux_set_parent_death_signal(int signal, int32_t expected_parent);

/// Raises the nice value of the calling thread to `nice_value`, and asks for batch scheduling and the idle class of
/// input and output. All three are per thread and inherited: call it before any other thread is started.
/// What the kernel refuses is skipped; the first refusal is returned.
int linux_lower_priority(int nice_value);

/// Sets the nice value of every thread of the processes of group `process_group`.
int linux_set_group_nice_value(int32_t process_group, int nice_value);

/// Limits the data segment (heap, private writable mappings) of this process. Allocations beyond it fail.
int linux_limit_data_bytes(uint64_t bytes);

/// Raises the soft limit of open descriptors to the hard limit. Returns the limit in force, or -1.
int64_t linux_raise_descriptor_limit(void);

/// Writes /proc/self/oom_score_adj (−1000 … 1000): higher dies first.
int linux_set_out_of_memory_score(int adjustment);

/// Forbids core dumps of this process and tracing by other processes of its user: it holds customers' text.
int linux_forbid_core_dumps(void);

/// Syncs what `path`, a file or a folder, holds to the disk.
int linux_synchronise(const char *path);

/// Renames `from` to `to`, then syncs the folder that `to` lies in, so that the new name survives a power cut.
int linux_rename_durably(const char *from, const char *to);

/// Renames `from` to `to` and fails with `EEXIST` if `to` exists.
int linux_rename_without_replacing(const char *from, const char *to);

/// Marks `descriptor` close-on-exec, or with 0 as inherited.
int linux_set_close_on_exec(int descriptor, int enabled);

/// Resident memory of this process in bytes, from /proc/self/statm, or -1.
int64_t linux_resident_bytes(void);

/// Makes SIGTERM and SIGINT be noted and nothing else, whichever thread the kernel gives them to: libraries start threads
/// before `main`, which block no signal.
void linux_note_termination(void);

/// Whether one of them has come since.
int linux_termination_noted(void);

#ifdef __cplusplus
}
#endif
