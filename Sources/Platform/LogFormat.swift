import Base

/// The text of a log line, as zap writes it for etcd 3.6.
package enum LogFormat: String, Sendable {
    /// {"level":"info","ts":"2026-11-21T09:12:00.123456Z","caller":"Member/Start.swift:12","msg":"...","key":"value"}
    case json
    /// The same parts separated by tabs, the fields as one JSON object at the end.
    case console

    /// Appends the line and its end. `microseconds` is the time since 1970 in UTC.
    package func append(_ line: LogLine, microseconds: Int64, to out: inout ByteBuffer) {
        switch self {
        case .json:
            out.append(#"{"level":""#)
            out.append(line.level.name)
            out.append(#"","ts":""#)
            LogFormat.appendTime(microseconds, to: &out)
            out.append(#"","caller":""#)
            out.append("\(line.file):\(line.line)")
            out.append(#"","msg":"#)
            LogFormat.appendQuoted(line.message, to: &out)
            for (key, value) in line.fields {
                out.append(",")
                LogFormat.appendQuoted(key, to: &out)
                out.append(":")
                LogFormat.append(value, to: &out)
            }
            out.append("}\n")
        case .console:
            LogFormat.appendTime(microseconds, to: &out)
            out.append("\t\(line.level.name)\t\(line.file):\(line.line)\t")
            // One line stays one line, whatever the message holds.
            for byte in line.message.utf8 { out.append(byte < 0x20 ? UInt8(ascii: " ") : byte) }
            for (index, field) in line.fields.enumerated() {
                out.append(index == 0 ? "\t{" : ", ")
                LogFormat.appendQuoted(field.key, to: &out)
                out.append(": ")
                LogFormat.append(field.value, to: &out)
            }
            out.append(line.fields.isEmpty ? "\n" : "}\n")
        }
    }

    private static func append(_ value: LogValue, to out: inout ByteBuffer) {
        switch value {
        case .string(let text): appendQuoted(text, to: &out)
        case .int(let number): out.append(String(number))
        case .uint(let number): out.append(String(number))
        case .double(let number): number.isFinite ? out.append("\(number)") : appendQuoted("\(number)", to: &out)
        case .bool(let value): out.append(value ? "true" : "false")
        case .interval(let interval): appendQuoted(interval.text, to: &out)
        case .strings(let texts):
            out.append("[")
            for (index, text) in texts.enumerated() {
                if index > 0 { out.append(",") }
                appendQuoted(text, to: &out)
            }
            out.append("]")
        }
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)

    private static func appendQuoted(_ text: String, to out: inout ByteBuffer) {
        out.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                out.append(UInt8(ascii: "\\"))
                out.append(byte)
            case 0x0A: out.append(#"\n"#)
            case 0x0D: out.append(#"\r"#)
            case 0x09: out.append(#"\t"#)
            case 0..<0x20:
                out.append(#"\u00"#)
                out.append(hexDigits[Int(byte >> 4)])
                out.append(hexDigits[Int(byte & 15)])
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }

    private static func appendTime(_ microseconds: Int64, to out: inout ByteBuffer) {
        let seconds = microseconds / 1_000_000
        let date = CivilDate(daysSince1970: seconds / 86400)
        let second = seconds % 86400
        appendPadded(date.year, 4, "-", to: &out)
        appendPadded(date.month, 2, "-", to: &out)
        appendPadded(date.day, 2, "T", to: &out)
        appendPadded(second / 3600, 2, ":", to: &out)
        appendPadded(second / 60 % 60, 2, ":", to: &out)
        appendPadded(second % 60, 2, ".", to: &out)
        appendPadded(microseconds % 1_000_000, 6, "Z", to: &out)
    }

    private static func appendPadded(_ number: Int64, _ width: Int, _ end: StaticString, to out: inout ByteBuffer) {
        var divisor: Int64 = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            out.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
        out.append(end.description)
    }
}

/// One thing to log.
package struct LogLine: Sendable {
    package var level: LogLevel
    package var message: String
    package var fields: KeyValuePairs<String, LogValue>
    /// Module and file, as #fileID has them.
    package var file: String
    package var line: Int

    package init(level: LogLevel, message: String, fields: KeyValuePairs<String, LogValue>, file: String, line: Int) {
        self.level = level
        self.message = message
        self.fields = fields
        self.file = file
        self.line = line
    }
}

/// A day of the Gregorian calendar. Requires a day from 1970 on.
///
/// Years are counted from March, so that the leap day is the last: day n of such a year lies in month (5n + 2) / 153, and
/// 400 years have 146,097 days.
struct CivilDate {
    let year: Int64
    let month: Int64
    let day: Int64

    init(daysSince1970 days: Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }
}
