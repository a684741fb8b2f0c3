import CSystem

/// A thread of the operating system that runs one function.
@safe
package final class Thread: @unchecked Sendable {
    private let handle: pthread_t

    private final class Start {
        let name: String
        let body: () -> Void
        init(name: String, body: @escaping () -> Void) {
            self.name = name
            self.body = body
        }
    }

    private init(handle: pthread_t) { self.handle = handle }

    /// Runs `body` on a new thread. `name` shows in the system's tools (15 bytes at most are kept). Whatever the body
    /// captures moves to the thread.
    package static func start(name: String, stackBytes: Int = 8 << 20, _ body: sending @escaping () -> Void) throws(SystemError) -> Thread {
        let start = unsafe Unmanaged.passRetained(Start(name: String(name.prefix(15)), body: body))
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        unsafe pthread_attr_setstacksize(&attributes, stackBytes)
        var handle = pthread_t()
        let code = unsafe pthread_create(
            &handle, &attributes,
            { argument in
                let start = unsafe Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
                unsafe csystem_name_thread(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        unsafe pthread_attr_destroy(&attributes)
        guard code == 0 else {
            unsafe start.release()
            throw SystemError("pthread_create", name, code: code)
        }
        return Thread(handle: handle)
    }

    /// Waits for the thread to end. Call at most once.
    package func join() { pthread_join(handle, nil) }
}
