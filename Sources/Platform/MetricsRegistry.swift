import Base
import Synchronization

/// All metrics of the process, and their exposition in Prometheus' text format 0.0.4. From any thread; ask for a metric once
/// and keep it, looking it up takes a lock.
package final class MetricsRegistry: Sendable {
    package typealias Labels = [(name: String, value: String)]

    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private enum Metric: Sendable {
        case counter(Counter)
        case gauge(Gauge)
        case histogram(Histogram)
        case sampled(@Sendable () -> Double)
    }

    private enum Kind: String { case counter, gauge, histogram }

    private struct Family {
        var help: String
        var kind: Kind
        /// By the labels as they are written.
        var metrics: [String: Metric] = [:]
    }

    private let families = Mutex<[String: Family]>([:])

    package init() {}

    /// The counter of that name and these labels; made when it is new. A name has one kind.
    package func counter(_ name: String, help: String, labels: Labels = []) -> Counter {
        let metric = find(name, help, .counter, labels) { .counter(Counter()) }
        guard case .counter(let counter) = metric else { preconditionFailure("metric \(name) is not a counter") }
        return counter
    }

    package func gauge(_ name: String, help: String, labels: Labels = []) -> Gauge {
        let metric = find(name, help, .gauge, labels) { .gauge(Gauge()) }
        guard case .gauge(let gauge) = metric else { preconditionFailure("metric \(name) is not a gauge") }
        return gauge
    }

    package func histogram(_ name: String, help: String, bounds: [Double], labels: Labels = []) -> Histogram {
        let metric = find(name, help, .histogram, labels) { .histogram(Histogram(bounds: bounds)) }
        guard case .histogram(let histogram) = metric else { preconditionFailure("metric \(name) is not a histogram") }
        return histogram
    }

    /// A gauge, or with `isCounter` a counter, whose value is asked for at each exposition, on the thread that exposes.
    package func sampled(
        _ name: String, help: String, labels: Labels = [], isCounter: Bool = false, _ sample: @escaping @Sendable () -> Double
    ) {
        _ = find(name, help, isCounter ? .counter : .gauge, labels) { .sampled(sample) }
    }

    private func find(_ name: String, _ help: String, _ kind: Kind, _ labels: Labels, _ make: () -> Metric) -> Metric {
        let key = MetricsRegistry.text(labels)
        return families.withLock { families in
            var family = families[name] ?? Family(help: help, kind: kind)
            precondition(family.kind == kind, "metric \(name) was registered as another kind")
            if let metric = family.metrics[key] { return metric }
            let metric = make()
            family.metrics[key] = metric
            families[name] = family
            return metric
        }
    }

    // MARK: Exposition

    /// Everything, by name and labels in order.
    package func exposition() -> String {
        let snapshot = families.withLock { $0 }
        var text = ""
        for (name, family) in snapshot.sorted(by: { $0.key < $1.key }) {
            text += "# HELP \(name) \(MetricsRegistry.escaped(family.help, quotes: false))\n# TYPE \(name) \(family.kind.rawValue)\n"
            for (labels, metric) in family.metrics.sorted(by: { $0.key < $1.key }) {
                MetricsRegistry.expose(name, labels, metric, into: &text)
            }
        }
        return text
    }

    private static func expose(_ name: String, _ labels: String, _ metric: Metric, into text: inout String) {
        let braced = labels.isEmpty ? "" : "{\(labels)}"
        switch metric {
        case .counter(let counter): text += "\(name)\(braced) \(formatNumber(Double(counter.value)))\n"
        case .gauge(let gauge): text += "\(name)\(braced) \(formatNumber(gauge.value))\n"
        case .sampled(let sample): text += "\(name)\(braced) \(formatNumber(sample()))\n"
        case .histogram(let histogram):
            var cumulated: UInt64 = 0
            let prefix = labels.isEmpty ? "" : labels + ","
            for (index, count) in histogram.bucketCounts.enumerated() {
                cumulated += count
                let bound = index < histogram.bounds.count ? formatNumber(histogram.bounds[index]) : "+Inf"
                text += "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(formatNumber(Double(cumulated)))\n"
            }
            text += "\(name)_sum\(braced) \(formatNumber(histogram.sum))\n\(name)_count\(braced) \(formatNumber(Double(cumulated)))\n"
        }
    }

    private static func text(_ labels: Labels) -> String {
        labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",")
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        guard text.utf8.contains(where: { $0 == 0x5C || $0 == 0x0A || $0 == 0x22 }) else { return text }
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    /// A number as Go prints it with %g and the fewest digits: dashboards and tests that compare text see etcd's form.
    package static func formatNumber(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == 0 { return "0" }
        let (digits, exponent) = shortestDigits(value.magnitude)
        let sign = value < 0 ? "-" : ""
        if exponent < -4 || exponent >= 6 { return sign + scientific(digits, exponent) }
        if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
        if digits.count <= exponent + 1 { return sign + digits + String(repeating: "0", count: exponent + 1 - digits.count) }
        let split = digits.index(digits.startIndex, offsetBy: exponent + 1)
        return sign + digits[..<split] + "." + digits[split...]
    }

    private static func scientific(_ digits: String, _ exponent: Int) -> String {
        let rest = digits.dropFirst()
        let power = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
        return "\(digits.first ?? "0")\(rest.isEmpty ? "" : "." + rest)e\(exponent < 0 ? "-" : "+")\(power)"
    }

    /// The digits of the shortest decimal that reads back as `value`, and the power of ten of the first.
    private static func shortestDigits(_ value: Double) -> (String, Int) {
        let parts = value.description.split(separator: "e")
        var exponent = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        var digits = mantissa[0] + (mantissa.count == 2 ? mantissa[1] : "")
        exponent += mantissa[0].count - 1
        while digits.first == "0", digits.count > 1 {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.last == "0", digits.count > 1 { digits.removeLast() }
        return (String(digits), exponent)
    }
}
