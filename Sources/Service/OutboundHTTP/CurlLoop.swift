internal import CCurl
import Glibc

/// What curl's thread does: carries out commands, lets libcurl work, reports what has ended, sleeps.
///
/// Everything here, libcurl's callbacks included, runs on that one thread.
@safe
final class CurlLoop {
    private let multi: UnsafeMutableRawPointer
    private let mailbox: CurlMailbox
    private let configuration: HTTPClient.Configuration
    private var active: [ObjectIdentifier: CurlTransfer] = [:]
    /// By the address of the handle.
    private var activeByHandle: [UInt: CurlTransfer] = [:]
    /// Handles for reuse; connections belong to the multi handle.
    private var spareHandles: [UnsafeMutableRawPointer] = unsafe []

    init(multi: UnsafeMutableRawPointer, mailbox: CurlMailbox, configuration: HTTPClient.Configuration) {
        unsafe self.multi = multi
        self.mailbox = mailbox
        self.configuration = configuration
        unsafe curl_shim_multi_set_long(
            multi, CURLMOPT_MAX_HOST_CONNECTIONS, configuration.maximumConnectionsPerHost)
        unsafe curl_shim_multi_set_long(multi, CURLMOPT_MAXCONNECTS, configuration.maximumKeptConnections)
    }

    func run() {
        while true {
            let (commands, isClosed) = mailbox.take()
            for command in commands { carryOut(command) }
            if isClosed { break }
            var running: Int32 = 0
            unsafe curl_multi_perform(multi, &running)
            reportFinished()
            // libcurl wakes earlier for its own timers, sockets and wake-ups.
            unsafe curl_multi_poll(multi, nil, 0, 60_000, nil)
        }
        for running in active.values {
            running.transfer.finish(.failure(.cancelled(url: running.transfer.request.redactedURL)))
            release(running, reuse: false)
        }
        active = [:]
        activeByHandle = [:]
        for index in unsafe spareHandles.indices { unsafe curl_easy_cleanup(spareHandles[index]) }
        unsafe spareHandles = []
    }

    private func carryOut(_ command: CurlMailbox.Command) {
        switch command {
        case .start(let transfer): start(transfer)
        case .resume(let transfer):
            guard let running = active[ObjectIdentifier(transfer)] else { return }
            unsafe curl_easy_pause(running.handle, CURLPAUSE_CONT)
        case .end(let transfer):
            guard let running = active[ObjectIdentifier(transfer)] else { return }
            remove(running, reuse: true)
        }
    }

    private func start(_ transfer: Transfer) {
        if transfer.isFinished { return }
        guard let handle = unsafe spareHandles.popLast() ?? curl_easy_init() else {
            transfer.finish(.failure(.failed(url: transfer.request.redactedURL, reason: "out of memory")))
            return
        }
        let running = unsafe CurlTransfer(transfer: transfer, handle: handle)
        if let error = running.prepare(userAgent: configuration.userAgent) {
            transfer.finish(.failure(error))
            unsafe curl_easy_cleanup(handle)
            return
        }
        active[ObjectIdentifier(transfer)] = running
        activeByHandle[UInt(bitPattern: handle)] = running
        let result = unsafe curl_multi_add_handle(multi, handle)
        guard result == CURLM_OK else {
            transfer.finish(
                .failure(.failed(url: transfer.request.redactedURL, reason: "libcurl's error \(result.rawValue)")))
            remove(running, reuse: false)
            return
        }
    }

    private func reportFinished() {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &left) {
            var result = CURLE_OK
            guard let handle = unsafe curl_shim_finished(message, &result),
                let running = activeByHandle[UInt(bitPattern: handle)]
            else { continue }
            running.transfer.finish(running.outcome(of: result))
            remove(running, reuse: true)
        }
    }

    private func remove(_ running: CurlTransfer, reuse: Bool) {
        active[ObjectIdentifier(running.transfer)] = nil
        unsafe activeByHandle[UInt(bitPattern: running.handle)] = nil
        release(running, reuse: reuse)
    }

    private func release(_ running: CurlTransfer, reuse: Bool) {
        unsafe curl_multi_remove_handle(multi, running.handle)
        if unsafe reuse && spareHandles.count < 64 {
            unsafe curl_easy_reset(running.handle)
            unsafe spareHandles.append(running.handle)
        } else {
            unsafe curl_easy_cleanup(running.handle)
        }
    }
}
