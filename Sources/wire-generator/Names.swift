/// Swift's names for what the .proto files declare.
enum Names {
    /// The namespace of a proto package: etcdserverpb → Etcdserverpb; grpc.health.v1 → Grpchealth.
    static func namespace(_ package: String) -> String {
        package == "grpc.health.v1" ? "Grpchealth" : upperFirst(package)
    }

    /// A type's own name. `Type` cannot be declared inside another type.
    static func type(_ name: String) -> String { name == "Type" ? "Kind" : upperFirst(name) }

    /// range_end → rangeEnd, ID → id, NodeID → nodeID, peer_urls → peerURLs, NOT_EQUAL → notEqual.
    static func member(_ name: String) -> String {
        let isShouted = !name.contains { $0.isLowercase }
        let words = name.split(separator: "_").map { isShouted ? $0.lowercased() : String($0) }
        var result = lowerFirst(words[0])
        for word in words.dropFirst() {
            switch word {
            case "id": result += "ID"
            case "urls": result += "URLs"
            default: result += upperFirst(word)
            }
        }
        return keywords.contains(result) ? "`\(result)`" : result
    }

    /// A fully qualified proto name, .etcdserverpb.Compare.CompareResult → Etcdserverpb.Compare.CompareResult.
    static func qualified(_ name: String, packages: Set<String>) -> String {
        let full = name.dropFirst()
        guard let package = packages.filter({ full.hasPrefix($0 + ".") }).max(by: { $0.count < $1.count }) else {
            fatalError("unknown package of \(name)")
        }
        let parts = full.dropFirst(package.count + 1).split(separator: ".").map { type(String($0)) }
        return ([namespace(package)] + parts).joined(separator: ".")
    }

    private static let keywords: Set<String> = ["default", "in", "case", "switch", "return", "self", "init", "repeat", "func"]

    private static func upperFirst(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

    /// Lower-cases the first word, also one written in capitals: ID → id, NodeID → nodeID, TTLSeconds → ttlSeconds.
    private static func lowerFirst(_ text: String) -> String {
        let capitals = text.prefix { $0.isUppercase }
        guard capitals.count > 1 else { return text.prefix(1).lowercased() + text.dropFirst() }
        let isWhole = capitals.count == text.count
        let count = isWhole ? capitals.count : capitals.count - 1
        return text.prefix(count).lowercased() + text.dropFirst(count)
    }
}
