/// A chosen token and its log-probability under the model (at temperature 1, all tokens admitted).
package struct TokenChoice: Sendable, Equatable {
    package var token: Int32
    package var logProbability: Float

    package init(token: Int32, logProbability: Float) {
        self.token = token
        self.logProbability = logProbability
    }
}
