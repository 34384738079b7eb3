/// OpenFeature's error.
package struct OFREPFailure: Codable, Equatable, Sendable {
    package var key: String?
    package var errorCode: OFREPErrorCode?
    package var errorDetails: String?

    package init(key: String? = nil, errorCode: OFREPErrorCode? = nil, errorDetails: String? = nil) {
        self.key = key
        self.errorCode = errorCode
        self.errorDetails = errorDetails
    }
}
