/// What is wrong with the command line, the environment or the configuration, for the person who wrote them: the value, where
/// it came from, and what to do.
package struct UsageError: Error, Equatable, CustomStringConvertible, Sendable {
    package let message: String
    /// The process's exit status: 2 when the command line could not be read, 1 when it was and asks for nonsense.
    package let status: Int32

    package init(_ message: String, status: Int32 = 1) {
        self.message = message
        self.status = status
    }

    package var description: String { message }
}
