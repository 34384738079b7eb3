package import HTTPListener

// `API` and `HTTPListener` both have a `Problem` and `Routes`; here, where only one of them is imported, each gets a
// name of its own.

/// A problem as the listener throws and answers it.
package typealias ListenerProblem = Problem
/// The router's builder.
package typealias ListenerRoutes = Routes
