/// libcurl for Swift: its variadic functions with fixed types, and addresses as bytes.
#pragma once

#include <curl/curl.h>
#include <stdint.h>

CURLcode curl_shim_set_long(CURL *handle, CURLoption option, long value);
CURLcode curl_shim_set_offset(CURL *handle, CURLoption option, curl_off_t value);
CURLcode curl_shim_set_pointer(CURL *handle, CURLoption option, const void *value);
CURLMcode curl_shim_multi_set_long(CURLM *multi, CURLMoption option, long value);

/// 0 where libcurl does not know.
long curl_shim_get_long(CURL *handle, CURLINFO info);
curl_off_t curl_shim_get_offset(CURL *handle, CURLINFO info);

/// What one transfer calls back, all with the same context.
typedef struct {
    size_t (*header)(char *bytes, size_t size, size_t count, void *context);
    size_t (*body)(char *bytes, size_t size, size_t count, void *context);
    /// Asked for each address before a socket for it is opened: `CURL_SOCKET_BAD` refuses it.
    curl_socket_t (*open_socket)(void *context, curlsocktype purpose, struct curl_sockaddr *address);
    /// Asked before the request goes out on a connection, a kept one too: `CURL_PREREQFUNC_ABORT` refuses it.
    int (*before_request)(void *context, char *peer, char *local, int peer_port, int local_port);
} curl_shim_callbacks;

CURLcode curl_shim_set_callbacks(CURL *handle, curl_shim_callbacks callbacks, void *context);

/// Has the request's body asked for piece by piece instead of copied; `seek` rewinds it.
CURLcode curl_shim_set_body_source(
    CURL *handle, size_t (*read)(char *bytes, size_t size, size_t count, void *context),
    int (*seek)(void *context, curl_off_t offset, int origin), void *context);

/// Writes the address's bytes in network order: returns 4 (IPv4), 16 (IPv6), 0 (a Unix socket), or −1 (another kind).
int curl_shim_address(const struct curl_sockaddr *address, uint8_t *bytes);

/// A socket as libcurl asked for it, closed on exec; `CURL_SOCKET_BAD` on failure.
curl_socket_t curl_shim_open_socket(const struct curl_sockaddr *address);

/// The transfer that a message of `curl_multi_info_read` says is done, and its result; NULL for other messages.
CURL *curl_shim_finished(const CURLMsg *message, CURLcode *result);
