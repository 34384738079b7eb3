import Dispatch
import Glibc

/// Lines of the standard input, read on a thread of their own.
enum StandardInput {
    static func lines() -> AsyncStream<String> {
        let (stream, sink) = AsyncStream.makeStream(of: String.self)
        DispatchQueue(label: "retuned-demo.input").async {
            while let line = readLine() { sink.yield(line) }
            sink.finish()
        }
        return stream
    }
}
