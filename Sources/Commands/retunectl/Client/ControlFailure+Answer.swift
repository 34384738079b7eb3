package import API
import Values

extension ControlFailure {
    /// What an answer that is no success says.
    package init(status: Int, body: [UInt8]) {
        let exit: ControlExit =
            switch status {
            case 401, 403: .forbidden
            case 404: .notFound
            case 500...: .unavailable
            default: .refused
            }
        if let problem = try? StrictJSON.decode(Problem.self, parsing: body, ignoringUnknownFields: true) {
            self.init(exit, Self.sentence(problem))
        } else {
            let text = String(decoding: body.prefix(300), as: UTF8.self)
            self.init(exit, "the daemon answered \(status)" + (text.isEmpty ? "" : ": \(text)"))
        }
    }

    /// A problem document as a sentence: title, detail, and where.
    package static func sentence(_ problem: Problem, line: Int? = nil) -> String {
        var places: [String] = []
        if let line {
            places.append("line \(line)")
        } else if let record = problem.record {
            places.append("record \(record)")
        }
        if let field = problem.field { places.append("field \(field)") }
        let place = places.isEmpty ? "" : " (\(places.joined(separator: ", ")))"
        let detail = problem.detail.isEmpty || problem.detail == problem.title ? "" : ": \(problem.detail)"
        let title = !detail.isEmpty && problem.title.hasSuffix(".") ? String(problem.title.dropLast()) : problem.title
        return title + detail + place
    }
}
