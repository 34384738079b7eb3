extension JSONValue {
    /// Reads one JSON value that is the whole text; strict as `JSONParser` says.
    package init(
        parsing bytes: some Collection<UInt8>, limits: JSONLimits = JSONLimits()
    ) throws(JSONSyntaxError) {
        var parser = JSONParser(Array(bytes), limits: limits)
        self = try parser.document()
    }

    /// Reads one JSON value from a string's UTF-8.
    package init(parsing text: String, limits: JSONLimits = JSONLimits()) throws(JSONSyntaxError) {
        try self.init(parsing: Array(text.utf8), limits: limits)
    }
}
