import Base
import Platform

/// The progress of long work on standard error, for people: one line that is drawn again, at most ten times a second, and only
/// on a terminal.
package struct ProgressBar {
    private let title: String
    private let isShown: Bool
    private var nextDrawing = Instant(nanoseconds: 0)
    private let began: Instant
    private var drawn = false

    package init(_ title: String) {
        self.title = title
        isShown = StandardStreams.isTerminal(2)
        began = Clock.now
    }

    /// `total` 0: not known. Both in the same unit; `describe` makes text of an amount.
    package mutating func update(_ done: Int, of total: Int, describe: (Int) -> String = { "\($0)" }) {
        guard isShown, nextDrawing <= Clock.now else { return }
        nextDrawing = Clock.now + .milliseconds(100)
        draw(done, total, describe)
    }

    /// Draws the end and goes to the next line.
    package mutating func finish(_ done: Int, of total: Int, describe: (Int) -> String = { "\($0)" }) {
        guard isShown else { return }
        draw(done, total, describe)
        StandardStreams.error("\n")
        drawn = false
    }

    /// Leaves the line, so that a message can follow.
    package mutating func interrupt() {
        guard drawn else { return }
        StandardStreams.error("\n")
        drawn = false
    }

    private mutating func draw(_ done: Int, _ total: Int, _ describe: (Int) -> String) {
        let seconds = max((Clock.now - began).seconds, 0.001)
        let rate = describe(Int(Double(done) / seconds)) + "/s"
        var text = "\r\(title) "
        if total > 0 {
            let share = min(1, Double(done) / Double(total))
            let filled = Int(share * 30)
            text += "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: 30 - filled) + "] "
            text += "\(Int(share * 100))% \(describe(done)) of \(describe(total)), \(rate)"
        } else {
            text += "\(describe(done)), \(rate)"
        }
        // Clears what an earlier, longer line left.
        StandardStreams.error(text + "\u{1B}[K")
        drawn = true
    }
}
