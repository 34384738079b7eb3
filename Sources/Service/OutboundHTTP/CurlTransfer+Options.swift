internal import CCurl
import Glibc

extension CurlTransfer {
    /// What the framing of HTTP/1.1 is made of: libcurl's own business.
    private static let framingFields = [
        "content-length", "transfer-encoding", "expect", "connection", "keep-alive", "proxy-connection", "te",
        "trailer",
        "upgrade",
    ]

    /// Sets every option of the transfer; returns what stands in the way.
    func prepare(userAgent: String) -> OutboundHTTPError? {
        let request = transfer.request
        var results: [CURLcode] = []
        func set(_ option: CURLoption, _ value: Int) {
            unsafe results.append(curl_shim_set_long(handle, option, value))
        }
        func set(_ option: CURLoption, _ value: String) {
            unsafe value.withCString { text in
                unsafe results.append(curl_shim_set_pointer(handle, option, text))
            }
        }
        unsafe results.append(curl_shim_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText))
        set(CURLOPT_URL, request.url)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_FOLLOWLOCATION, 0)
        // An empty proxy also overrides the environment's.
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NOSIGNAL, 1)
        // A transfer that ends while its name is looked up leaves the look-up behind: waiting for it would hold up every other.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        if let path = request.unixSocketPath { set(CURLOPT_UNIX_SOCKET_PATH, path) }

        set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(request.deadlines.connect))
        if let total = request.deadlines.total { set(CURLOPT_TIMEOUT_MS, Self.milliseconds(total)) }
        if let idle = request.deadlines.idle {
            set(CURLOPT_LOW_SPEED_LIMIT, 1)
            set(CURLOPT_LOW_SPEED_TIME, (Self.milliseconds(idle) + 999) / 1000)
        }
        setCallbacks(&results)
        setBody(&results)
        guard setHeaders(userAgent: userAgent) else { return .failed(url: url, reason: "out of memory") }
        unsafe results.append(curl_shim_set_pointer(handle, CURLOPT_HTTPHEADER, headerList))
        guard let failure = results.first(where: { $0 != CURLE_OK }) else { return nil }
        return .failed(url: url, reason: unsafe String(cString: curl_easy_strerror(failure)))
    }

    private func setBody(_ results: inout [CURLcode]) {
        let request = transfer.request
        let method = request.method
        let hasBody = !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(method)
        if method == "HEAD" {
            unsafe results.append(curl_shim_set_long(handle, CURLOPT_NOBODY, 1))
        } else if hasBody {
            unsafe results.append(curl_shim_set_long(handle, CURLOPT_POST, 1))
            unsafe results.append(
                curl_shim_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)))
            if request.body.count <= Self.maximumCopiedBodyBytes {
                unsafe request.body.withUnsafeBytes { bytes in
                    // An empty array's address may be nil, which would mean "ask the read callback".
                    let empty: StaticString = ""
                    unsafe results.append(
                        curl_shim_set_pointer(
                            handle, CURLOPT_COPYPOSTFIELDS, bytes.baseAddress ?? UnsafeRawPointer(empty.utf8Start)))
                }
            } else {
                results.append(setBodySource())
            }
            unsafe method.withCString { text in
                unsafe results.append(curl_shim_set_pointer(handle, CURLOPT_CUSTOMREQUEST, text))
            }
        } else {
            unsafe results.append(curl_shim_set_long(handle, CURLOPT_HTTPGET, 1))
            unsafe method.withCString { text in
                unsafe results.append(curl_shim_set_pointer(handle, CURLOPT_CUSTOMREQUEST, text))
            }
        }
    }

    private func setHeaders(userAgent: String) -> Bool {
        let headers = transfer.request.headers
        var lines: [String] = ["Expect:"]
        for field in headers where !Self.framingFields.contains(where: { HeaderFields.equal($0, field.name) }) {
            // `Name;` is libcurl's way to send a field without a value.
            lines.append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        if headers["accept"] == nil { lines.append("Accept:") }
        if headers["content-type"] == nil { lines.append("Content-Type:") }
        if headers["user-agent"] == nil { lines.append("User-Agent: \(userAgent)") }
        for line in lines {
            guard let longer = unsafe curl_slist_append(headerList, line) else { return false }
            unsafe headerList = longer
        }
        return true
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        if overflow || whole > Int64(Int32.max) - 1000 { return Int(Int32.max) }
        return max(1, Int(whole + attoseconds / 1_000_000_000_000_000))
    }
}
