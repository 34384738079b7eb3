/// JSON as text: what must be known of its bytes when they are passed on unchanged.
package enum JSONText {
    /// A text that was read, with the places of the outermost object's values in it.
    package struct Located: Sendable {
        package var value: JSONValue
        /// Half-open ranges of byte offsets from the text's start, by member, in the order of the text; empty where
        /// the text is no object.
        package var ranges: [(name: String, range: Range<Int>)]

        package func range(ofMember name: String) -> Range<Int>? {
            ranges.first { $0.name.utf8.elementsEqual(name.utf8) }?.range
        }
    }

    /// Reads a text and says where the outermost object's values stand.
    package static func locate(
        in bytes: [UInt8], limits: JSONLimits = JSONLimits()
    ) throws(JSONSyntaxError) -> Located {
        var parser = JSONParser(bytes, limits: limits, keepsRanges: true)
        let value = try parser.document()
        guard case .object = value else { return Located(value: value, ranges: []) }
        return Located(value: value, ranges: parser.outermostRanges)
    }

    /// The bytes of the outermost object's member `name`, without the space around them; nil where there is none.
    package static func rangeOfValue(
        named name: String, in bytes: [UInt8], limits: JSONLimits = JSONLimits()
    ) throws(JSONSyntaxError) -> Range<Int>? {
        try locate(in: bytes, limits: limits).range(ofMember: name)
    }
}
