import Client
import CommandLine

/// The lines from which a transaction is made.
enum TxnText {
    /// target("key") op "value"; targets are val(ue), ver(sion), c(reate), m(od) and lease.
    static func comparison(_ line: String) throws(ExitError) -> Comparison {
        guard let paren = line.firstIndex(of: "(") else { throw .input("malformed comparison: \(line)") }
        let target = String(line[..<paren])
        var rest = line[line.index(after: paren)...]
        var (key, relation, value) = ("", "", "")
        var parts = 0
        if let (text, after) = Words.quoted(rest.drop(while: isBlank)) {
            (key, rest) = (text, after)
            parts = 1
            if rest.first == ")" {
                rest = rest.dropFirst().drop(while: isBlank)
                relation = String(rest.prefix { !isBlank($0) })
                rest = rest.dropFirst(relation.count).drop(while: isBlank)
                if !relation.isEmpty { parts = 2 }
                if parts == 2, let (text, _) = Words.quoted(rest) {
                    value = text
                    parts = 3
                }
            }
        }
        guard parts == 3 else {
            throw .input("malformed comparison: \(line); got \(target)(\(GoText.quote(key))) \(relation) \(GoText.quote(value))")
        }
        let range = KeyRange.key(Array(key.utf8))
        return Comparison(range, try self.relation(relation, line), try operand(target, value, line))
    }

    private static func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" || character == "\r" }

    private static func relation(_ text: String, _ line: String) throws(ExitError) -> Comparison.Relation {
        switch text {
        case "=": .equal
        case "!=": .notEqual
        case ">": .greater
        case "<": .less
        default: throw .input("malformed comparison: \(line) (unknown operator \(text); use =, !=, > or <)")
        }
    }

    private static func operand(_ target: String, _ value: String, _ line: String) throws(ExitError) -> Comparison.Operand {
        func number(radix: Int) throws(ExitError) -> Int64 {
            do throws(GoTextError) { return try GoText.int(value, radix: radix) } catch {
                throw .input("invalid txn compare request: \(line)")
            }
        }
        switch target {
        case "ver", "version": return .version(try number(radix: 10))
        case "c", "create": return .createRevision(try number(radix: 10))
        case "m", "mod": return .modRevision(try number(radix: 10))
        case "val", "value": return .value(Array(value.utf8))
        case "lease": return .lease(try number(radix: 16))
        default: throw .input("malformed comparison: \(line) (unknown target \(target))")
        }
    }

    /// A get, put or del as on the command line.
    static func operation(_ line: String) throws(ExitError) -> Operation {
        let words = Words.split(line)
        guard words.count >= 2 else { throw .input("invalid txn compare request: \(line)") }
        let commands = ["get": GetCommand.command, "put": PutCommand.command, "del": DelCommand.command]
        guard let command = commands[words[0]], let input = try? command.parse(Array(words.dropFirst())) else {
            throw .input("invalid txn request: \(line)")
        }
        let invocation = Invocation(input)
        switch words[0] {
        case "get":
            let request = try GetCommand.parse(invocation)
            return .get(request.range, request.options)
        case "put":
            let request = try PutCommand.parse(invocation, input: nil)
            return .put(request.key, request.value, request.options)
        default:
            let request = try DelCommand.parse(invocation)
            return .delete(request.range, previous: request.previous)
        }
    }
}
