#define CURL_DISABLE_TYPECHECK
#include "CCurl.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

CURLcode curl_shim_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

CURLcode curl_shim_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

CURLcode curl_shim_set_pointer(CURL *handle, CURLoption option, const void *value) {
    return curl_easy_setopt(handle, option, value);
}

CURLMcode curl_shim_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

long curl_shim_get_long(CURL *handle, CURLINFO info) {
    long value = 0;
    return curl_easy_getinfo(handle, info, &value) == CURLE_OK ? value : 0;
}

curl_off_t curl_shim_get_offset(CURL *handle, CURLINFO info) {
    curl_off_t value = 0;
    return curl_easy_getinfo(handle, info, &value) == CURLE_OK ? value : 0;
}

CURLcode curl_shim_set_callbacks(CURL *handle, curl_shim_callbacks callbacks, void *context) {
    CURLcode result = CURLE_OK;
#define SET(option, value) \
    if (result == CURLE_OK) result = curl_easy_setopt(handle, option, value)
    SET(CURLOPT_PRIVATE, context);
    SET(CURLOPT_HEADERFUNCTION, callbacks.header);
    SET(CURLOPT_HEADERDATA, context);
    SET(CURLOPT_WRITEFUNCTION, callbacks.body);
    SET(CURLOPT_WRITEDATA, context);
    SET(CURLOPT_OPENSOCKETFUNCTION, callbacks.open_socket);
    SET(CURLOPT_OPENSOCKETDATA, context);
    SET(CURLOPT_PREREQFUNCTION, callbacks.before_request);
    SET(CURLOPT_PREREQDATA, context);
    return result;
}

CURLcode curl_shim_set_body_source(
    CURL *handle, size_t (*read)(char *, size_t, size_t, void *), int (*seek)(void *, curl_off_t, int),
    void *context) {
    CURLcode result = CURLE_OK;
    SET(CURLOPT_READFUNCTION, read);
    SET(CURLOPT_READDATA, context);
    SET(CURLOPT_SEEKFUNCTION, seek);
    SET(CURLOPT_SEEKDATA, context);
#undef SET
    return result;
}

int curl_shim_address(const struct curl_sockaddr *address, uint8_t *bytes) {
    switch (address->family) {
    case AF_INET:
        memcpy(bytes, &((const struct sockaddr_in *)&address->addr)->sin_addr, 4);
        return 4;
    case AF_INET6:
        memcpy(bytes, &((const struct sockaddr_in6 *)&address->addr)->sin6_addr, 16);
        return 16;
    case AF_UNIX:
        return 0;
    default:
        return -1;
    }
}

curl_socket_t curl_shim_open_socket(const struct curl_sockaddr *address) {
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

CURL *curl_shim_finished(const CURLMsg *message, CURLcode *result) {
    if (message->msg != CURLMSG_DONE) return NULL;
    *result = message->data.result;
    return message->easy_handle;
}
