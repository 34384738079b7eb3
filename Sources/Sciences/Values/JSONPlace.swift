/// Where in a JSON text a byte stands: the members and elements that are open there, the outermost first.
package struct JSONPlace: Equatable, Sendable {
    /// One step inwards: to an object's member by name, of which at most 100 bytes are kept, or to an array's element,
    /// counted from 0.
    package enum Step: Equatable, Sendable {
        case member(String)
        case element(Int)
    }

    package private(set) var steps: [Step] = []

    /// - Parameters:
    ///   - offset: of the byte, for example where a reader found an error; the text before it need only be JSON so far.
    ///   - bytes: the text, from offset 0.
    package init(of offset: Int, in bytes: some RandomAccessCollection<UInt8>) {
        var isObject: [Bool] = []
        var name: [UInt8] = []
        var isInString = false
        var isEscaped = false
        for byte in bytes.prefix(max(0, offset)) {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                    continue
                }
                name.append(byte)
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): (isInString, name) = (true, [])
            case UInt8(ascii: "{"):
                isObject.append(true)
                steps.append(.member(""))
            case UInt8(ascii: "["):
                isObject.append(false)
                steps.append(.element(0))
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                _ = isObject.popLast()
                _ = steps.popLast()
            case UInt8(ascii: ":") where isObject.last == true:
                steps[steps.count - 1] = .member(String(decoding: name.prefix(100), as: UTF8.self))
            case UInt8(ascii: ","):
                guard let last = steps.last else { break }
                steps[steps.count - 1] = if case .element(let index) = last { .element(index + 1) } else { .member("") }
            default: break
            }
        }
        // A member whose name has not ended yet is no place.
        if steps.last == .member("") { steps.removeLast() }
    }

    /// The first steps as the path of a field: `messages[0].content`; longer ones end in `…`.
    package static func path(_ steps: some Collection<Step>) -> String {
        var text = ""
        for step in steps.prefix(4) {
            switch step {
            case .member(let name): text += text.isEmpty ? name : ".\(name)"
            case .element(let index): text += "[\(index)]"
            }
        }
        return steps.count > 4 ? text + "…" : text
    }
}
