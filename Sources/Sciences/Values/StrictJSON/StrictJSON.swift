/// Codable over `JSONValue`, stricter than Foundation's coders: a field that a type does not know is an error, errors
/// name the field's path, and what is written is in the order of encoding, so that the same value always gives the
/// same bytes.
package enum StrictJSON {
    /// Reads a value. Every member of an object must be asked for by the type that reads the object; a dictionary asks
    /// for all of them.
    package static func decode<T: Decodable>(
        _ type: T.Type, from value: JSONValue, ignoringUnknownFields: Bool = false
    ) throws(StrictJSONError) -> T {
        do {
            return try StrictDecoder.decode(type, from: value, path: [], strict: !ignoringUnknownFields)
        } catch let error as StrictJSONError {
            throw error
        } catch let error as DecodingError {
            throw StrictJSONError(error)
        } catch {
            throw StrictJSONError(path: "", kind: .invalid, reason: "\(error)")
        }
    }

    /// Reads a text; throws `JSONSyntaxError` or `StrictJSONError`.
    package static func decode<T: Decodable>(
        _ type: T.Type, parsing bytes: some Collection<UInt8>, limits: JSONLimits = JSONLimits(),
        ignoringUnknownFields: Bool = false
    ) throws -> T {
        try decode(
            type, from: JSONValue(parsing: bytes, limits: limits), ignoringUnknownFields: ignoringUnknownFields)
    }

    /// Writes a value: absent optionals are left out, members stand in the order of encoding (a dictionary's by name),
    /// doubles without a fraction are written as integers. Throws `StrictJSONError` for what JSON cannot hold: numbers
    /// that are not finite, and integers of 64 bits beyond the signed range.
    package static func encode<T: Encodable>(_ value: T) throws -> JSONValue {
        try StrictEncoder.encode(value, path: [])
    }

    package static func encodeBytes<T: Encodable>(_ value: T) throws -> [UInt8] {
        try encode(value).serialized
    }
}
