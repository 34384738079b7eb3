internal import CCurl
import Glibc

extension CurlTransfer {
    private static func from(_ context: UnsafeMutableRawPointer?) -> CurlTransfer? {
        guard let context = unsafe context else { return nil }
        return unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
    }

    private var context: UnsafeMutableRawPointer {
        unsafe Unmanaged.passUnretained(self).toOpaque()
    }

    /// Registers the callbacks. The loop keeps this object alive as long as the handle is in use.
    func setCallbacks(_ results: inout [CURLcode]) {
        unsafe results.append(
            curl_shim_set_callbacks(
                handle,
                curl_shim_callbacks(
                    header: { bytes, size, count, context in
                        guard let running = unsafe CurlTransfer.from(context) else { return 0 }
                        let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
                        return unsafe running.receiveHeadLine(line) ? size * count : 0
                    },
                    body: { bytes, size, count, context in
                        guard let running = unsafe CurlTransfer.from(context) else { return 0 }
                        return unsafe running.receiveBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
                    },
                    open_socket: { context, _, address in
                        guard let running = unsafe CurlTransfer.from(context), let address = unsafe address else {
                            return CURL_SOCKET_BAD
                        }
                        return unsafe running.openSocket(address)
                    },
                    before_request: { context, peer, _, _, _ in
                        guard let running = unsafe CurlTransfer.from(context) else { return CURL_PREREQFUNC_ABORT }
                        if running.transfer.request.unixSocketPath != nil { return CURL_PREREQFUNC_OK }
                        guard let peer = unsafe peer, let address = unsafe NetworkAddress(String(cString: peer)) else {
                            return CURL_PREREQFUNC_ABORT
                        }
                        return running.allows(addressBytes: address.bytes) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
                    }),
                context))
    }

    func setBodySource() -> CURLcode {
        unsafe curl_shim_set_body_source(
            handle,
            { bytes, size, count, context in
                guard let running = unsafe CurlTransfer.from(context) else { return Int(CURL_READFUNC_ABORT) }
                return unsafe running.sendBody(into: UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
            },
            { context, offset, origin in
                guard let running = unsafe CurlTransfer.from(context), origin == SEEK_SET,
                    (0...Int(running.transfer.request.body.count)).contains(Int(offset))
                else { return CURL_SEEKFUNC_CANTSEEK }
                running.sentBodyBytes = Int(offset)
                return CURL_SEEKFUNC_OK
            }, context)
    }

    private func openSocket(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = unsafe curl_shim_address(address, &bytes)
        let allowed =
            count == 0 ? transfer.request.unixSocketPath != nil : allows(addressBytes: Array(bytes.prefix(Int(count))))
        return allowed ? unsafe curl_shim_open_socket(address) : CURL_SOCKET_BAD
    }
}
