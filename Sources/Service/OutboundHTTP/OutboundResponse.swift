/// An answer whose head has come; its body streams.
package struct OutboundResponse: Sendable {
    package let status: Int
    package let headers: HeaderFields
    package let body: ResponseBody

    /// The whole body; throws `.responseTooLarge` beyond `maximumBytes` and ends the transfer.
    package func collect(upTo maximumBytes: Int) async throws(OutboundHTTPError) -> [UInt8] {
        try await body.collect(upTo: maximumBytes)
    }
}
