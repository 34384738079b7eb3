#include "CZlib.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

// 15 bits of window, and 16 to say that the wrapper is gzip.
static const int gzip_window = 15 + 16;

struct zlib_inflater {
    z_stream stream;
    // A member has ended and the next has not begun.
    bool between_members;
};

zlib_inflater *zlib_inflater_make(void) {
    zlib_inflater *inflater = calloc(1, sizeof *inflater);
    if (inflater == NULL) return NULL;
    if (inflateInit2(&inflater->stream, gzip_window) != Z_OK) {
        free(inflater);
        return NULL;
    }
    return inflater;
}

void zlib_inflater_free(zlib_inflater *inflater) {
    if (inflater == NULL) return;
    inflateEnd(&inflater->stream);
    free(inflater);
}

static uInt clamp(size_t count) {
    return count > UINT_MAX ? UINT_MAX : (uInt)count;
}

zlib_status zlib_inflater_run(zlib_inflater *inflater, const uint8_t *input, size_t input_count, size_t *consumed,
                              uint8_t *output, size_t output_capacity, size_t *produced) {
    z_stream *stream = &inflater->stream;
    size_t in = 0, out = 0;
    zlib_status status = ZLIB_MORE;
    for (;;) {
        if (inflater->between_members) {
            if (in == input_count) {
                status = ZLIB_DONE;
                break;
            }
            if (inflateReset(stream) != Z_OK) {
                status = ZLIB_CORRUPT;
                break;
            }
            inflater->between_members = false;
        }
        uInt in_now = clamp(input_count - in), out_now = clamp(output_capacity - out);
        stream->next_in = (Bytef *)(uintptr_t)(input + in);
        stream->avail_in = in_now;
        stream->next_out = output + out;
        stream->avail_out = out_now;
        int result = inflate(stream, Z_NO_FLUSH);
        in += in_now - stream->avail_in;
        out += out_now - stream->avail_out;
        if (result == Z_STREAM_END) {
            inflater->between_members = true;
            continue;
        }
        if (result == Z_MEM_ERROR) {
            status = ZLIB_NO_MEMORY;
            break;
        }
        // Z_BUF_ERROR says only that no progress was possible: more input or room is wanted.
        if (result != Z_OK && result != Z_BUF_ERROR) {
            status = ZLIB_CORRUPT;
            break;
        }
        // Z_OK with room and input left happens only where one of them exceeded what a uInt holds.
        if (result == Z_BUF_ERROR || in == input_count || out == output_capacity) break;
    }
    *consumed = in;
    *produced = out;
    return status;
}

zlib_status zlib_gunzip(const uint8_t *input, size_t input_count, uint8_t *output, size_t output_capacity,
                        size_t *produced) {
    *produced = 0;
    zlib_inflater *inflater = zlib_inflater_make();
    if (inflater == NULL) return ZLIB_NO_MEMORY;
    size_t consumed = 0;
    zlib_status status = zlib_inflater_run(inflater, input, input_count, &consumed, output, output_capacity, produced);
    if (status == ZLIB_MORE) {
        // With the output full, the trailer may still be unread: see whether one more byte would come.
        uint8_t extra;
        size_t more = 0, rest = 0;
        status = zlib_inflater_run(inflater, input + consumed, input_count - consumed, &rest, &extra, 1, &more);
        if (more > 0) status = ZLIB_TOO_LARGE;
        else if (status == ZLIB_MORE) status = ZLIB_TRUNCATED;
    }
    zlib_inflater_free(inflater);
    return status;
}

size_t zlib_gzip_bound(size_t count) {
    // deflateBound of a default stream, plus the gzip wrapper of 18 bytes.
    return compressBound(count) + 18;
}

zlib_status zlib_gzip(const uint8_t *input, size_t input_count, int level, uint8_t *output, size_t output_capacity,
                      size_t *produced) {
    *produced = 0;
    if (input_count > UINT_MAX || output_capacity > UINT_MAX) return ZLIB_TOO_LARGE;
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    if (deflateInit2(&stream, level, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK) return ZLIB_NO_MEMORY;
    stream.next_in = (Bytef *)(uintptr_t)input;
    stream.avail_in = (uInt)input_count;
    stream.next_out = output;
    stream.avail_out = (uInt)output_capacity;
    int result = deflate(&stream, Z_FINISH);
    *produced = output_capacity - stream.avail_out;
    deflateEnd(&stream);
    return result == Z_STREAM_END ? ZLIB_DONE : ZLIB_TOO_LARGE;
}

struct zlib_file {
    gzFile file;
};

zlib_file *zlib_file_open(const char *path, int *error) {
    errno = 0;
    gzFile file = gzopen(path, "rbe");
    if (file == NULL) {
        *error = errno != 0 ? errno : ENOMEM;
        return NULL;
    }
    gzbuffer(file, 128 * 1024);
    zlib_file *result = malloc(sizeof *result);
    if (result == NULL) {
        gzclose_r(file);
        *error = ENOMEM;
        return NULL;
    }
    result->file = file;
    *error = 0;
    return result;
}

int64_t zlib_file_read(zlib_file *file, uint8_t *output, size_t capacity) {
    int count = gzread(file->file, output, capacity > INT_MAX ? INT_MAX : (unsigned)capacity);
    if (count > 0) return count;
    int code = Z_OK;
    (void)gzerror(file->file, &code);
    if (code == Z_OK || code == Z_STREAM_END) return 0;
    return code == Z_ERRNO ? -2 : -1;
}

void zlib_file_close(zlib_file *file) {
    if (file == NULL) return;
    gzclose_r(file->file);
    free(file);
}
