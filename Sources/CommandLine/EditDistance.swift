/// How far two words are apart: insertions, deletions, substitutions, and swaps of neighbours (optimal string alignment).
enum EditDistance {
    static func between(_ first: String, _ second: String) -> Int {
        let a = Array(first.utf8)
        let b = Array(second.utf8)
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var best = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
                row.append(best)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }

    /// The nearest of `known`, if it is near enough to be what was meant.
    static func nearest(to word: String, among known: [String]) -> String? {
        let word = String(word.prefix(64))
        let ranked = known.map { (distance: between(word, $0), name: $0) }.min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        guard let ranked, ranked.distance <= max(2, word.utf8.count / 3) else { return nil }
        return ranked.name
    }
}
