internal import CCurl
import Glibc

extension CurlTransfer {
    /// What libcurl's result means to the caller.
    func outcome(of code: CURLcode) -> Result<Void, OutboundHTTPError> {
        if code == CURLE_OK { return .success(()) }
        return .failure(error(of: code))
    }

    private func error(of code: CURLcode) -> OutboundHTTPError {
        if let refusedAddress, code == CURLE_COULDNT_CONNECT || code == CURLE_ABORTED_BY_CALLBACK {
            return .addressRefused(url: url, address: refusedAddress)
        }
        if responseIsTooLarge {
            return .responseTooLarge(url: url, maximumBytes: transfer.request.maximumResponseBytes ?? 0)
        }
        if headIsTooLarge {
            return .malformedResponse(url: url, reason: "its head is larger than \(Self.maximumHeadBytes) bytes")
        }
        let written = unsafe String(cString: errorText)
        let reason = unsafe written.isEmpty ? String(cString: curl_easy_strerror(code)) : written
        switch code {
        case CURLE_URL_MALFORMAT: return .invalidRequest(url: url, reason: "its URL is malformed")
        case CURLE_COULDNT_RESOLVE_HOST: return .nameNotResolved(url: url)
        case CURLE_COULDNT_CONNECT:
            let number = unsafe curl_shim_get_long(handle, CURLINFO_OS_ERRNO)
            // Of a Unix socket libcurl tells no cause: nobody listens there, or it is not there yet.
            return number == Int(ECONNREFUSED) || transfer.request.unixSocketPath != nil
                ? .connectionRefused(url: url) : .connectionFailed(url: url, reason: reason)
        case CURLE_OPERATION_TIMEDOUT: return timeOut()
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_CRL_BADFILE, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_CLIENTCERT,
            CURLE_USE_SSL_FAILED:
            return .tls(url: url, reason: reason)
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE, CURLE_SSL_SHUTDOWN_FAILED:
            return .connectionLost(url: url, reason: reason)
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING:
            return .malformedResponse(url: url, reason: reason)
        default: return .failed(url: url, reason: "\(reason) (libcurl's error \(code.rawValue))")
        }
    }

    /// Which deadline it was: libcurl has one result for all.
    private func timeOut() -> OutboundHTTPError {
        let deadlines = transfer.request.deadlines
        let elapsed = Duration.microseconds(unsafe curl_shim_get_offset(handle, CURLINFO_TOTAL_TIME_T))
        if let total = deadlines.total, elapsed >= total - .milliseconds(5) {
            return .timedOut(url: url, deadline: .total, after: total)
        }
        if unsafe curl_shim_get_offset(handle, CURLINFO_PRETRANSFER_TIME_T) == 0 {
            return .timedOut(url: url, deadline: .connect, after: deadlines.connect)
        }
        return .timedOut(url: url, deadline: .idle, after: deadlines.idle ?? elapsed)
    }
}
