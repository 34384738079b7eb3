internal import CCurl
import Glibc

/// One running transfer as curl's thread sees it; the context of its callbacks.
@safe
final class CurlTransfer {
    /// Bytes of an answer's head before it is given up.
    static let maximumHeadBytes = 256 * 1024
    /// Bodies up to this size go out with the head, in one piece.
    static let maximumCopiedBodyBytes = 64 * 1024

    let transfer: Transfer
    let handle: UnsafeMutableRawPointer
    var headerList: UnsafeMutablePointer<curl_slist>?
    let errorText: UnsafeMutablePointer<CChar>

    var status = 0
    var fields: [HeaderFields.Field] = []
    var headBytes = 0
    var headIsComplete = false
    var receivedBytes = 0
    var sentBodyBytes = 0
    var refusedAddress: String?
    var responseIsTooLarge = false
    var headIsTooLarge = false

    init(transfer: Transfer, handle: UnsafeMutableRawPointer) {
        self.transfer = transfer
        unsafe self.handle = handle
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        unsafe curl_slist_free_all(headerList)
        unsafe errorText.deallocate()
    }

    var url: String { transfer.request.redactedURL }

    // MARK: Callbacks

    /// One line of a head: the status line, a field, or the empty line that ends it.
    func receiveHeadLine(_ line: UnsafeRawBufferPointer) -> Bool {
        headBytes += line.count
        if headBytes > Self.maximumHeadBytes {
            headIsTooLarge = true
            return false
        }
        // Trailers of a chunked body come this way too.
        if headIsComplete { return true }
        let text = unsafe String(decoding: line, as: UTF8.self)
        let trimmed = text.unicodeScalars.last.map { $0 == "\n" } ?? false ? String(text.dropLast()) : text
        let content = trimmed.hasSuffix("\r") ? String(trimmed.dropLast()) : trimmed
        if content.hasPrefix("HTTP/") {
            fields = []
            let parts = content.split(separator: " ", maxSplits: 2)
            status = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        } else if content.isEmpty {
            // 1xx are not the answer.
            if status >= 200 {
                headIsComplete = true
                transfer.receive(Transfer.Head(status: status, headers: HeaderFields(fields)))
            }
        } else if content.first == " " || content.first == "\t" {
            if !fields.isEmpty { fields[fields.count - 1].value += " " + Self.trimmed(content[...]) }
        } else if let colon = content.utf8.firstIndex(of: UInt8(ascii: ":")) {
            fields.append(
                HeaderFields.Field(
                    name: String(content[..<colon]), value: Self.trimmed(content[content.index(after: colon)...])))
        }
        return true
    }

    /// A piece of the body. Returns what libcurl wants to hear: the count, 0 to fail, or "pause".
    func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        if let maximum = transfer.request.maximumResponseBytes, receivedBytes + bytes.count > maximum {
            responseIsTooLarge = true
            return 0
        }
        guard unsafe transfer.receive(bytes) else { return Int(CURL_WRITEFUNC_PAUSE) }
        receivedBytes += bytes.count
        return bytes.count
    }

    /// Copies the next bytes of the request's body.
    func sendBody(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let body = transfer.request.body
        let count = min(buffer.count, body.count - sentBodyBytes)
        unsafe body.withUnsafeBytes { bytes in
            unsafe buffer.copyMemory(
                from: UnsafeRawBufferPointer(rebasing: bytes[sentBodyBytes..<sentBodyBytes + count]))
        }
        sentBodyBytes += count
        return count
    }

    func allows(addressBytes bytes: [UInt8]) -> Bool {
        guard let address = NetworkAddress(bytes: bytes) else { return false }
        if transfer.request.addressPolicy.allows(address) { return true }
        refusedAddress = address.description
        return false
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.utf8.first, first == 0x20 || first == 0x09 { text = text.dropFirst() }
        while let last = text.utf8.last, last == 0x20 || last == 0x09 { text = text.dropLast() }
        return String(text)
    }
}
