/// Why a job does not begin: it would take more than it may.
struct JobRefusal: Error {
    var reason: String
}
