import Testing
import Values

@Suite("JSONPlace") struct JSONPlaceTests {
    private func path(_ text: String) -> String {
        JSONPlace.path(JSONPlace(of: text.utf8.count, in: Array(text.utf8)).steps)
    }

    @Test(
        "The open members and elements before a byte",
        arguments: [
            ("", ""), ("{", ""), ("{\"a\"", ""), ("{\"a\": ", "a"), ("{\"a\": 1, \"b\": [", "b[0]"),
            ("{\"a\": 1,", ""), ("[{}, [1, 2], {\"x\\\"}\": \"]}\", \"y\": tr", "[2].y"), ("[1] ]", ""),
            ("[[[[[[", "[0][0][0][0]…"),
        ])
    func places(text: String, expected: String) {
        #expect(path(text) == expected)
    }
}
