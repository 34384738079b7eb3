/// gzip in memory and gzip files, over the system's zlib.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    /// Everything asked for was done.
    ZLIB_DONE = 0,
    /// Progress was made; the inflater wants more input or more room for output.
    ZLIB_MORE = 1,
    /// The output would be larger than the room given for it.
    ZLIB_TOO_LARGE = 2,
    /// Not gzip, or its check sum or length is wrong.
    ZLIB_CORRUPT = 3,
    /// The input ends before the gzip data does.
    ZLIB_TRUNCATED = 4,
    /// No memory.
    ZLIB_NO_MEMORY = 5,
} zlib_status;

/// Inflates gzip `input` (one or several members, as `cat a.gz b.gz` gives) into `output`. `*produced` is the number
/// of bytes written, also when the answer is not `ZLIB_DONE`.
zlib_status zlib_gunzip(const uint8_t *input, size_t input_count, uint8_t *output, size_t output_capacity,
                        size_t *produced);

/// The most bytes that `zlib_gzip` can need for `count` bytes of input.
size_t zlib_gzip_bound(size_t count);

/// Deflates `input` to one gzip member without name or time (the same input gives the same bytes). `level` is 0 … 9.
zlib_status zlib_gzip(const uint8_t *input, size_t input_count, int level, uint8_t *output, size_t output_capacity,
                      size_t *produced);

/// An inflater fed piece by piece. Used by one thread at a time.
typedef struct zlib_inflater zlib_inflater;

/// NULL when there is no memory.
zlib_inflater *zlib_inflater_make(void);
void zlib_inflater_free(zlib_inflater *inflater);

/// Consumes from `input` and writes to `output` until one of them is used up or the data ends.
/// `ZLIB_DONE`: all members so far are complete and the input is used up (more input may begin another member).
/// `ZLIB_MORE`: call again with the rest of the input, with more input, or with more room.
zlib_status zlib_inflater_run(zlib_inflater *inflater, const uint8_t *input, size_t input_count, size_t *consumed,
                              uint8_t *output, size_t output_capacity, size_t *produced);

/// A file that is gzip, or is read as it is where it does not begin like gzip.
typedef struct zlib_file zlib_file;

/// NULL and `*error` an `errno` value when the file cannot be opened.
zlib_file *zlib_file_open(const char *path, int *error);

/// Reads up to `capacity` bytes. The number read, 0 at the end, −1 when the data is corrupt or truncated, −2 when the
/// file could not be read.
int64_t zlib_file_read(zlib_file *file, uint8_t *output, size_t capacity);
void zlib_file_close(zlib_file *file);

#ifdef __cplusplus
}
#endif
