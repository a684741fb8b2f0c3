import Base
import CommandLine
import Platform

/// A line that shows how far something has come, rewritten in place: counts, a bar where there is room for one, percent and the time
/// left. To the letter what the library prints that etcd's tool draws its bars with (cheggaaa/pb, version 1).
struct CountBar {
    private let total: Int
    private var done = 0
    private let begun: Instant
    private var changedAt: Instant
    /// Columns of the terminal; nil where the line goes elsewhere, and then it has no bar.
    private let width: Int?

    init(total: Int, now: Instant, width: Int? = Terminal.columns) {
        self.total = total
        self.width = width
        begun = now
        changedAt = now
    }

    mutating func set(_ count: Int, now: Instant) {
        guard count != done else { return }
        done = count
        changedAt = now
    }

    /// What to print to show the present state. `isFinal`: with the time that it took instead of the time left.
    func line(now: Instant, isFinal: Bool = false) -> String {
        let share = total == 0 ? 1 : Double(done) / Double(total)
        let counts = " \(done) / \(total) "
        let percent = GoText.fixed(share * 100, 2)
        let end = String(repeating: " ", count: max(0, 6 - percent.count) + 1) + percent + "%" + time(now, isFinal)
        guard let width else { return "\r" + counts + end }
        let text = counts + bar(share, columns: width - counts.count - end.count - 2) + end
        return "\r" + text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func bar(_ share: Double, columns: Int) -> String {
        guard columns > 0 else { return "" }
        let filled = min(columns, Int((share * Double(columns)).rounded(.up)))
        let head = filled == columns || filled == 0 ? String(repeating: "o", count: filled) : String(repeating: "o", count: filled - 1) + "m"
        return "B" + head + String(repeating: " ", count: columns - filled) + "!"
    }

    private func time(_ now: Instant, _ isFinal: Bool) -> String {
        if isFinal { return " " + Interval.seconds((now - begun).nanoseconds / 1_000_000_000).text }
        guard done > 0 else { return "" }
        let each = (changedAt - begun).nanoseconds / Int64(done)
        let seconds = (Int64(total - done) * each - (now - changedAt).nanoseconds) / 1_000_000_000
        guard seconds > 0 else { return "" }
        let hours = seconds > 3600 ? "\(seconds / 3600)h" : ""
        let rest = seconds > 3600 ? seconds % 3600 : seconds
        return " " + hours + CountBar.two(rest / 60) + "m" + CountBar.two(rest % 60) + "s"
    }

    private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : String(number) }
}
