/// Writes an enumeration as an open one: a struct around the number.
struct EnumEmitter {
    let descriptor: EnumDescriptor
    let parent: String

    init(_ descriptor: EnumDescriptor, inside parent: String) {
        self.descriptor = descriptor
        self.parent = parent
    }

    func emit(into out: inout SourceText) {
        let name = Names.type(descriptor.name)
        out.line()
        out.block("extension \(parent)") { out in
            out.line("@frozen @usableFromInline")
            out.block("package struct \(name): OpenEnum") { out in
                out.line("@usableFromInline package var rawValue: Int32")
                out.line("@inlinable package init(rawValue: Int32) { self.rawValue = rawValue }")
                out.line("@inlinable package init() { self.init(rawValue: 0) }")
                for value in descriptor.values {
                    let member = Names.member(value.name)
                    out.line("@inlinable package static var \(member): \(name) { \(name)(rawValue: \(value.number)) }")
                }
                let names = descriptor.values.map { "\($0.name)=\($0.number)" }.joined(separator: ",")
                out.line("@usableFromInline package static var names: StaticString { \"\(names)\" }")
            }
        }
    }
}
