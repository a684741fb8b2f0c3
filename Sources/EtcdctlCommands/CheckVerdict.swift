import CommandLine

/// What `check perf` thinks of a run, by etcd's measures: nine tenths of the wanted rate, no request of more than half a second,
/// deviations of at most a tenth.
struct CheckVerdict {
    private(set) var isGood: Bool
    /// A line for each measure, and the last word.
    private(set) var text = ""

    /// `seconds`: what each write that went well took. `duration`: of the whole run, in seconds. To the letter as etcd's tool has it,
    /// which rounds the rate up.
    init(_ load: CheckPerf.Load, seconds: [Double], over duration: Double, hasErrors: Bool) {
        isGood = !hasErrors
        let rate = Double(seconds.count) / max(duration, 1e-9)
        let shown = Int(rate) + 1
        say(rate > Double(load.writesPerSecond) * 0.9, "Throughput is \(shown) writes/s", "FAIL: Throughput too low: \(shown) writes/s")
        let slowest = seconds.max() ?? 0
        let worst = GoText.fixed(slowest, 6)
        say(slowest <= 0.5, "Slowest request took \(worst)s", "Slowest request took too long: \(worst)s")
        let count = Double(max(1, seconds.count))
        let mean = seconds.reduce(0, +) / count
        let deviation = (seconds.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
        let spread = GoText.fixed(deviation, 6)
        say(deviation <= 0.1, "Stddev is \(spread)s", "Stddev too high: \(spread)s")
        text += isGood ? "PASS\n" : "FAIL\n"
    }

    private mutating func say(_ good: Bool, _ pass: String, _ fail: String) {
        isGood = isGood && good
        text += good ? "PASS: \(pass)\n" : "\(fail)\n"
    }
}
