import NIOCore

/// Runs Swift tasks on a NIO event loop, so that awaiting a reply costs no change of threads.
///
/// Whatever runs there delays all of the loop's I/O: only long-lived light loops belong on it.
final class EventLoopTaskExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
