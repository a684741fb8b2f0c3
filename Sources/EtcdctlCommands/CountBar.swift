import Base
import CommandLine

/// A line that shows how far something has come, rewritten in place: counts, percent and the time left.
struct CountBar {
    private let total: Int
    private var done = 0
    private let begun: Instant
    private var widest = 0

    init(total: Int, now: Instant) {
        self.total = total
        begun = now
    }

    mutating func advance(_ count: Int = 1) { done += count }
    mutating func set(_ count: Int) { done = count }

    /// What to print to show the present state; `bar` columns of it are the bar itself, if there is room for one.
    mutating func line(now: Instant, bar: Int = 0) -> String {
        let share = total == 0 ? 1 : Double(done) / Double(total)
        var text = " \(done) / \(total) "
        if bar > 4 {
            let filled = min(bar, Int(share * Double(bar)))
            text += "[" + String(repeating: "=", count: filled) + (filled < bar ? ">" : "")
            text += String(repeating: "_", count: max(0, bar - filled - 1)) + "] "
        }
        let percent = GoText.fixed(share * 100, 2)
        text += String(repeating: " ", count: max(0, 6 - percent.count)) + " " + percent + "%"
        if done > 0, done < total {
            let left = Int(((now - begun).seconds / share * (1 - share)).rounded())
            text += " " + CountBar.two(left / 60) + "m" + CountBar.two(left % 60) + "s"
        } else if done >= total {
            text += " " + Interval(nanoseconds: (now - begun).nanoseconds / 1_000_000_000 * 1_000_000_000).text
        }
        let padding = String(repeating: " ", count: max(0, widest - text.count))
        widest = max(widest, text.count)
        return "\r" + text + padding
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}
