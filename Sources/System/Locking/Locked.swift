import Glibc

/// A value behind a lock, the one lock of this house.
///
/// It is a pthread mutex because ThreadSanitizer understands it; `Synchronization.Mutex` gives false reports there.
/// Keep the closure short and never call foreign code, suspend or lock another value inside it: the mutex is not
/// recursive.
///
/// `@unchecked Sendable`: the value is reached only while the mutex is held.
@safe
package final class Locked<Value>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    package init(_ value: consuming sending Value) {
        unsafe mutex = UnsafeMutablePointer.allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        let result = unsafe pthread_mutex_init(mutex, nil)
        precondition(result == 0, "pthread_mutex_init failed with \(result)")
        self.value = value
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deinitialize(count: 1)
        unsafe mutex.deallocate()
    }

    /// Runs `body` with exclusive access to the value and returns what it returns.
    package func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let locked = unsafe pthread_mutex_lock(mutex)
        precondition(locked == 0, "pthread_mutex_lock failed with \(locked)")
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
