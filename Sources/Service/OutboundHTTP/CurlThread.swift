internal import CCurl
import Glibc
import Locking

/// Owns a libcurl multi handle and the thread that works it (`CurlLoop`); hands it commands from any thread.
///
/// `@unchecked Sendable`: libcurl allows `curl_multi_wakeup` from any thread. It is called only under the mailbox's
/// lock while the mailbox is open; the handle is freed after the mailbox was closed and the thread joined.
@safe
final class CurlThread: @unchecked Sendable {
    private let multi: UnsafeMutableRawPointer
    private let mailbox: CurlMailbox
    private let thread: Locked<pthread_t?>

    init(configuration: HTTPClient.Configuration) {
        curl_global_init(Int(CURL_GLOBAL_DEFAULT))
        guard let multi = unsafe curl_multi_init() else { fatalError("out of memory: curl_multi_init") }
        unsafe self.multi = multi
        mailbox = CurlMailbox()
        let loop = unsafe CurlLoop(multi: multi, mailbox: mailbox, configuration: configuration)

        // No signal of the process is handled on this thread; SIGPIPE from a TLS write stays pending and does nothing.
        var everySignal = sigset_t()
        var previousSignals = sigset_t()
        unsafe sigfillset(&everySignal)
        unsafe pthread_sigmask(SIG_SETMASK, &everySignal, &previousSignals)
        var identifier = pthread_t()
        let result = unsafe pthread_create(
            &identifier, nil,
            { context in
                guard let context = unsafe context else { return nil }
                let loop = unsafe Unmanaged<CurlLoop>.fromOpaque(context).takeRetainedValue()
                loop.run()
                return nil
            }, Unmanaged.passRetained(loop).toOpaque())
        unsafe pthread_sigmask(SIG_SETMASK, &previousSignals, nil)
        guard result == 0 else { fatalError("no thread for outgoing HTTP: error \(result)") }
        thread = Locked(identifier)
    }

    func command(_ command: CurlMailbox.Command) {
        let isOpen = mailbox.post(command) { unsafe curl_multi_wakeup(multi) }
        if !isOpen, case .start(let transfer) = command {
            transfer.finish(.failure(.clientClosed))
        }
    }

    /// Ends the thread and waits for it. Only the first call does something.
    func close() {
        guard let identifier = thread.withLock({ $0.take() }) else { return }
        mailbox.close { unsafe curl_multi_wakeup(multi) }
        pthread_join(identifier, nil)
        unsafe curl_multi_cleanup(multi)
    }
}
