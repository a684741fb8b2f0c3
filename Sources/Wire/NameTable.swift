/// Searches the name lists that generated code holds as one literal each: a table per type would cost start-up time and
/// relocations, and only JSON needs them.
///
///     enum:     "NONE=0,ASCEND=1"                 name, number
///     message:  "key,range_end|rangeEnd,limit"    all names of field 0, of field 1, ...
struct NameTable {
    private let text: StaticString

    init(_ text: StaticString) { self.text = text }

    func name(of value: Int32) -> String? {
        for entry in entries where entry.value == value { return entry.name }
        return nil
    }

    func value(of name: String) -> Int32? {
        for entry in entries where entry.name == name { return entry.value }
        return nil
    }

    private var entries: [(name: String, value: Int32)] {
        text.description.split(separator: ",").compactMap { entry in
            let parts = entry.split(separator: "=")
            guard parts.count == 2, let value = Int32(parts[1]) else { return nil }
            return (String(parts[0]), value)
        }
    }

    /// The position of the field that has `name` among its names.
    func field(_ name: [UInt8]) -> Int? {
        text.withUTF8Buffer { table in
            var field = 0
            var start = 0
            for index in 0...table.count {
                let byte = unsafe index < table.count ? table[index] : UInt8(ascii: ",")
                guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "|") else { continue }
                if index - start == name.count, unsafe table[start..<index].elementsEqual(name) { return field }
                if byte == UInt8(ascii: ",") { field += 1 }
                start = index + 1
            }
            return nil
        }
    }
}
