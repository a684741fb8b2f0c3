/// A table for people, framed as etcd's tools up to 3.6 frame theirs: titles centred, all else to the right.
package struct TextTable {
    package let titles: [String]
    package private(set) var rows: [[String]] = []

    package init(_ titles: [String]) { self.titles = titles.map { $0.uppercased() } }

    /// Requires as many cells as titles.
    package mutating func append(_ row: [String]) {
        precondition(row.count == titles.count)
        rows.append(row)
    }

    package var text: String {
        let widths = titles.indices.map { column in ([titles] + rows).map { $0[column].unicodeScalars.count }.max() ?? 0 }
        let line = "+" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "+") + "+\n"
        var text = line + "|" + zip(titles, widths).map { " \(TextTable.centred($0, $1)) " }.joined(separator: "|") + "|\n" + line
        for row in rows {
            text += "|" + zip(row, widths).map { " \(TextTable.spaces($1 - $0.unicodeScalars.count) + $0) " }.joined(separator: "|") + "|\n"
        }
        return rows.isEmpty ? text : text + line
    }

    private static func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

    private static func centred(_ text: String, _ width: Int) -> String {
        let gap = width - text.unicodeScalars.count
        return spaces(gap / 2) + text + spaces(gap - gap / 2)
    }
}
