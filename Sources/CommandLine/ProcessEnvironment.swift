import Glibc

package enum ProcessEnvironment {
    /// All variables, in the order of the environment.
    package static var all: [(name: String, value: String)] {
        var variables: [(name: String, value: String)] = []
        var position = 0
        while let entry = unsafe environ[position] {
            let text = unsafe String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                variables.append((String(text[..<equals]), String(text[text.index(after: equals)...])))
            }
            position += 1
        }
        return variables
    }
}
